/* SHA-256 (FIPS 180-4) of many messages of one length side by side, where the processor can.
 *
 * One message at a time leaves most of a core idle: each round waits for the one before it. Sixteen
 * messages fill the lanes of an AVX-512 register, two keep the SHA extensions busy. The caller is
 * p2p/lanes.py, which hashes one after another where this was not compiled or does not help.
 *
 * A message is prefix ‖ head ‖ body: one byte, nothing or 32 bytes, at least 63 bytes. Bodies (and
 * heads) lie one after another; all blocks but the first and last of a message are hashed where
 * they lie.
 */

#define PY_SSIZE_T_CLEAN
#include <Python.h>

#include <stdint.h>
#include <string.h>

#define HASH 32
#define BLOCK 64
#define MOST_LANES 16

#if defined(__x86_64__) && defined(__GNUC__)

#include <cpuid.h>
#include <immintrin.h>

#define SHA_NI __attribute__((target("sha,sse4.1,ssse3")))
#define AVX512 __attribute__((target("avx512f,avx512bw")))
#define INLINE inline __attribute__((always_inline))

static const uint32_t START[8] = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
                                  0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};

static const uint32_t ROUND[64] __attribute__((aligned(64))) = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2};

/* The words of a block are big-endian. */
static const uint8_t SWAPPED[16] = {3, 2, 1, 0, 7, 6, 5, 4, 11, 10, 9, 8, 15, 14, 13, 12};

/* state[8][lanes]; each lane's blocks lie one after another from at[lane]. */
typedef void Blocks(uint32_t *state, const uint8_t *const *at, size_t blocks);

/* Two messages by the SHA extensions: four rounds a step, the registers hold ABEF and CDGH. */
SHA_NI static void two(uint32_t *state, const uint8_t *const *at, size_t blocks)
{
    const __m128i swapped = _mm_loadu_si128((const __m128i *)SWAPPED);
    __m128i abef[2], cdgh[2];
    for (int lane = 0; lane < 2; lane++) {
        const uint32_t *s = state + lane;
        abef[lane] = _mm_set_epi32((int)s[0], (int)s[2], (int)s[8], (int)s[10]);
        cdgh[lane] = _mm_set_epi32((int)s[4], (int)s[6], (int)s[12], (int)s[14]);
    }
    for (size_t block = 0; block < blocks; block++) {
        __m128i before[2] = {abef[0], abef[1]}, above[2] = {cdgh[0], cdgh[1]}, words[2][4];
#pragma GCC unroll 16
        for (int step = 0; step < 16; step++) {
#pragma GCC unroll 2
            for (int lane = 0; lane < 2; lane++) {
                if (step < 4)
                    words[lane][step] = _mm_shuffle_epi8(
                        _mm_loadu_si128((const __m128i *)(at[lane] + BLOCK * block + 16 * step)),
                        swapped);
                __m128i now = words[lane][step & 3];
                __m128i sum = _mm_add_epi32(now, _mm_load_si128((const __m128i *)ROUND + step));
                cdgh[lane] = _mm_sha256rnds2_epu32(cdgh[lane], abef[lane], sum);
                if (step >= 3 && step < 15) {
                    __m128i between = _mm_alignr_epi8(now, words[lane][(step + 3) & 3], 4);
                    __m128i next = _mm_add_epi32(words[lane][(step + 1) & 3], between);
                    words[lane][(step + 1) & 3] = _mm_sha256msg2_epu32(next, now);
                }
                abef[lane] =
                    _mm_sha256rnds2_epu32(abef[lane], cdgh[lane], _mm_shuffle_epi32(sum, 0x0e));
                if (step >= 1 && step < 13)
                    words[lane][(step + 3) & 3] =
                        _mm_sha256msg1_epu32(words[lane][(step + 3) & 3], now);
            }
        }
        for (int lane = 0; lane < 2; lane++) {
            abef[lane] = _mm_add_epi32(abef[lane], before[lane]);
            cdgh[lane] = _mm_add_epi32(cdgh[lane], above[lane]);
        }
    }
    for (int lane = 0; lane < 2; lane++) {
        uint32_t *s = state + lane, first[4], second[4];
        _mm_storeu_si128((__m128i *)first, abef[lane]);
        _mm_storeu_si128((__m128i *)second, cdgh[lane]);
        s[0] = first[3], s[2] = first[2], s[8] = first[1], s[10] = first[0];
        s[4] = second[3], s[6] = second[2], s[12] = second[1], s[14] = second[0];
    }
}

/* Word i of sixteen blocks into words[i]: a transposition of 16 × 16 words. */
AVX512 static INLINE void transposed(__m512i *words, const uint8_t *const *at, size_t offset)
{
    const __m512i swapped = _mm512_broadcast_i32x4(_mm_loadu_si128((const __m128i *)SWAPPED));
    __m512i row[16], pair[16];
    for (int i = 0; i < 16; i++)
        row[i] = _mm512_shuffle_epi8(_mm512_loadu_si512(at[i] + offset), swapped);
    for (int i = 0; i < 16; i += 2) {
        pair[i] = _mm512_unpacklo_epi32(row[i], row[i + 1]);
        pair[i + 1] = _mm512_unpackhi_epi32(row[i], row[i + 1]);
    }
    for (int i = 0; i < 16; i += 4) {
        row[i] = _mm512_unpacklo_epi64(pair[i], pair[i + 2]);
        row[i + 1] = _mm512_unpackhi_epi64(pair[i], pair[i + 2]);
        row[i + 2] = _mm512_unpacklo_epi64(pair[i + 1], pair[i + 3]);
        row[i + 3] = _mm512_unpackhi_epi64(pair[i + 1], pair[i + 3]);
    }
    for (int i = 0; i < 4; i++) {
        __m512i a = _mm512_shuffle_i32x4(row[i], row[4 + i], 0x44);
        __m512i b = _mm512_shuffle_i32x4(row[i], row[4 + i], 0xee);
        __m512i c = _mm512_shuffle_i32x4(row[8 + i], row[12 + i], 0x44);
        __m512i d = _mm512_shuffle_i32x4(row[8 + i], row[12 + i], 0xee);
        words[i] = _mm512_shuffle_i32x4(a, c, 0x88);
        words[4 + i] = _mm512_shuffle_i32x4(a, c, 0xdd);
        words[8 + i] = _mm512_shuffle_i32x4(b, d, 0x88);
        words[12 + i] = _mm512_shuffle_i32x4(b, d, 0xdd);
    }
}

#define XOR3(x, y, z) _mm512_ternarylogic_epi32(x, y, z, 0x96)
#define CHOSEN(x, y, z) _mm512_ternarylogic_epi32(x, y, z, 0xca)
#define MAJORITY(x, y, z) _mm512_ternarylogic_epi32(x, y, z, 0xe8)
#define ADD(x, y) _mm512_add_epi32(x, y)
#define TURN(x, n) _mm512_ror_epi32(x, n)

/* Sixteen messages, one in each lane of the registers. */
AVX512 static void sixteen(uint32_t *state, const uint8_t *const *at, size_t blocks)
{
    __m512i kept[8];
    for (int i = 0; i < 8; i++)
        kept[i] = _mm512_loadu_si512(state + 16 * i);
    for (size_t block = 0; block < blocks; block++) {
        __m512i w[16];
        transposed(w, at, BLOCK * block);
        __m512i a = kept[0], b = kept[1], c = kept[2], d = kept[3];
        __m512i e = kept[4], f = kept[5], g = kept[6], h = kept[7];
#pragma GCC unroll 64
        for (int round = 0; round < 64; round++) {
            if (round >= 16) {
                __m512i x = w[(round + 1) & 15], y = w[(round + 14) & 15];
                __m512i low = XOR3(TURN(x, 7), TURN(x, 18), _mm512_srli_epi32(x, 3));
                __m512i high = XOR3(TURN(y, 17), TURN(y, 19), _mm512_srli_epi32(y, 10));
                w[round & 15] = ADD(ADD(w[round & 15], low), ADD(w[(round + 9) & 15], high));
            }
            __m512i sum = ADD(w[round & 15], _mm512_set1_epi32((int)ROUND[round]));
            sum = ADD(ADD(sum, h), CHOSEN(e, f, g));
            sum = ADD(sum, XOR3(TURN(e, 6), TURN(e, 11), TURN(e, 25)));
            h = g, g = f, f = e, e = ADD(d, sum);
            sum = ADD(sum, XOR3(TURN(a, 2), TURN(a, 13), TURN(a, 22)));
            sum = ADD(sum, MAJORITY(a, b, c));
            d = c, c = b, b = a, a = sum;
        }
        const __m512i made[8] = {a, b, c, d, e, f, g, h};
        for (int i = 0; i < 8; i++)
            kept[i] = ADD(kept[i], made[i]);
    }
    for (int i = 0; i < 8; i++)
        _mm512_storeu_si512(state + 16 * i, kept[i]);
}

/* What this processor has: asked once, since asking is dear in a virtual machine. */
static Blocks *by_sixteen, *by_two;

static void look(void)
{
    unsigned int a, b, c, d;
    if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw"))
        by_sixteen = sixteen;
    if (__get_cpuid_count(7, 0, &a, &b, &c, &d) && b >> 29 & 1 && __builtin_cpu_supports("sse4.1"))
        by_two = two;
}

static int has(int lanes)
{
    return (lanes == 16 && by_sixteen != NULL) || (lanes == 2 && by_two != NULL);
}

static void hash_lanes(Blocks *hashed, int lanes, uint8_t prefix, const uint8_t *heads,
                       const uint8_t *bodies, size_t size, size_t first, size_t count, uint8_t *out)
{
    uint32_t state[8 * MOST_LANES];
    uint8_t edge[MOST_LANES][2 * BLOCK];
    const uint8_t *at[MOST_LANES] = {NULL}, *edges[MOST_LANES] = {NULL};
    size_t head = heads == NULL ? 0 : HASH, length = 1 + head + size;
    size_t begun = BLOCK - 1 - head; /* bytes of a body in its message's first block */
    size_t whole = length / BLOCK - 1, rest = length % BLOCK, last = rest < BLOCK - 8 ? 1 : 2;
    uint64_t bits = __builtin_bswap64((uint64_t)length * 8);

    for (int i = 0; i < 8; i++)
        for (int lane = 0; lane < lanes; lane++)
            state[lanes * i + lane] = START[i];
    for (int lane = 0; lane < lanes; lane++) {
        /* Lanes that are too many hash the last message once more; nobody reads it. */
        size_t number = first + (lane < (int)count ? (size_t)lane : count - 1);
        const uint8_t *body = bodies + number * size;
        edge[lane][0] = prefix;
        if (head)
            memcpy(edge[lane] + 1, heads + number * HASH, HASH);
        memcpy(edge[lane] + 1 + head, body, begun);
        at[lane] = body + begun;
        edges[lane] = edge[lane];
    }
    hashed(state, edges, 1);
    hashed(state, at, whole);
    for (int lane = 0; lane < lanes; lane++) {
        memset(edge[lane], 0, sizeof edge[lane]);
        memcpy(edge[lane], at[lane] + BLOCK * whole, rest);
        edge[lane][rest] = 0x80;
        memcpy(edge[lane] + BLOCK * last - 8, &bits, 8);
    }
    hashed(state, edges, last);
    for (size_t lane = 0; lane < count; lane++)
        for (int i = 0; i < 8; i++) {
            uint32_t word = __builtin_bswap32(state[(size_t)(lanes * i) + lane]);
            memcpy(out + (first + lane) * HASH + 4 * i, &word, 4);
        }
}

static void hash_all(int lanes, uint8_t prefix, const uint8_t *heads, const uint8_t *bodies,
                     size_t size, size_t count, uint8_t *out)
{
    for (size_t done = 0, taken; done < count; done += taken) {
        size_t left = count - done;
        /* A rest that would leave most lanes empty goes two by two. */
        int now = lanes == 16 && left < 5 && by_two != NULL ? 2 : lanes;
        taken = left < (size_t)now ? left : (size_t)now;
        hash_lanes(now == 16 ? by_sixteen : by_two, now, prefix, heads, bodies, size, done, taken,
                   out);
    }
}

#else

static void look(void) {}

static int has(int lanes)
{
    (void)lanes;
    return 0;
}

static void hash_all(int lanes, uint8_t prefix, const uint8_t *heads, const uint8_t *bodies,
                     size_t size, size_t count, uint8_t *out)
{
    (void)lanes, (void)prefix, (void)heads, (void)bodies, (void)size, (void)count, (void)out;
}

#endif

static PyObject *lanes(PyObject *module, PyObject *unused)
{
    (void)module, (void)unused;
    return PyLong_FromLong(has(16) ? 16 : has(2) ? 2 : 0);
}

static PyObject *hashes(PyObject *module, PyObject *args)
{
    int lanes;
    unsigned char prefix;
    Py_buffer heads, bodies;
    Py_ssize_t size;
    PyObject *made = NULL;
    (void)module;
    if (!PyArg_ParseTuple(args, "iby*y*n", &lanes, &prefix, &heads, &bodies, &size))
        return NULL;
    if (!has(lanes))
        PyErr_SetString(PyExc_ValueError, "this processor has no such lanes");
    else if (size < BLOCK - 1 || bodies.len % size)
        PyErr_Format(PyExc_ValueError, "these are not bodies of %zd bytes each, 63 or more", size);
    else if (heads.len && heads.len != bodies.len / size * HASH)
        PyErr_SetString(PyExc_ValueError, "there is a head of 32 bytes for each body, or none");
    else
        made = PyBytes_FromStringAndSize(NULL, bodies.len / size * HASH);
    if (made != NULL) {
        uint8_t *out = (uint8_t *)PyBytes_AsString(made);
        Py_BEGIN_ALLOW_THREADS
        hash_all(lanes, prefix, heads.len ? heads.buf : NULL, bodies.buf, (size_t)size,
                 (size_t)(bodies.len / size), out);
        Py_END_ALLOW_THREADS
    }
    PyBuffer_Release(&heads);
    PyBuffer_Release(&bodies);
    return made;
}

static PyMethodDef METHODS[] = {{"lanes", lanes, METH_NOARGS, NULL},
                                {"hashes", hashes, METH_VARARGS, NULL},
                                {NULL, NULL, 0, NULL}};

static struct PyModuleDef MODULE = {
    .m_base = PyModuleDef_HEAD_INIT, .m_name = "_lanes", .m_size = 0, .m_methods = METHODS};

PyMODINIT_FUNC PyInit__lanes(void)
{
    look();
    return PyModuleDef_Init(&MODULE);
}
