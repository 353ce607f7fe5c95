"""A router that opens ports when it is asked, in its namespace: ``python -S -m … natpmp|upnp IP``.

Small and real: it speaks NAT-PMP (RFC 6886), or UPnP (SSDP, then SOAP), at its inner address IP and
puts what it grants into nftables, where it lapses by itself. It says "ready" on standard output.
"""

import re
import socket
import struct
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

OUTSIDE = "198.51.100.{}"
RULES = """
table ip gateway {
  map ports {
    type inet_service : ipv4_addr . inet_service
    flags timeout
  }
  chain in {
    type nat hook prerouting priority dstnat
    iifname "out" dnat ip to tcp dport map @ports
  }
}
insert rule inet wall through ct status dnat accept
"""


def nft(rules: str) -> None:
    subprocess.run(["nft", "-f", "-"], input=rules, text=True, check=True)


def grant(outside: int, host: str, inside: int, seconds: int) -> None:
    take_back(outside)
    target = f"{outside} timeout {seconds}s : {host} . {inside}"
    nft(f"add element ip gateway ports {{ {target} }}")


def take_back(outside: int) -> None:
    command = ["nft", "delete", "element", "ip", "gateway", "ports", f"{{ {outside} }}"]
    subprocess.run(command, check=False, capture_output=True)


def serve_natpmp(own: str, outside: str) -> None:
    asked = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    asked.bind((own, 5351))
    print("ready", flush=True)
    while True:
        message, sender = asked.recvfrom(64)
        if message[:2] == b"\x00\x00":
            asked.sendto(struct.pack("!BBHI", 0, 128, 0, 1) + socket.inet_aton(outside), sender)
        if message[:2] == b"\x00\x02" and len(message) == 12:
            inside, wanted, seconds = struct.unpack("!HHI", message[4:])
            if seconds:
                grant(wanted, sender[0], inside, seconds)
            else:
                take_back(inside)
            answer = struct.pack("!BBHIHHI", 0, 130, 0, 1, inside, wanted, seconds)
            asked.sendto(answer, sender)


DEVICE = "urn:schemas-upnp-org:device:InternetGatewayDevice:1"
SERVICE = "urn:schemas-upnp-org:service:WANIPConnection:1"
DESCRIPTION = f"""<?xml version="1.0"?>
<root xmlns="urn:schemas-upnp-org:device-1-0"><device><deviceType>{DEVICE}</deviceType>
<deviceList><device><deviceType>urn:schemas-upnp-org:device:WANDevice:1</deviceType>
<deviceList><device><deviceType>urn:schemas-upnp-org:device:WANConnectionDevice:1</deviceType>
<serviceList><service><serviceType>{SERVICE}</serviceType><serviceId>i</serviceId>
<controlURL>/control</controlURL><eventSubURL>/events</eventSubURL><SCPDURL>/scpd</SCPDURL>
</service></serviceList></device></deviceList></device></deviceList></device></root>"""


class Soap(BaseHTTPRequestHandler):
    outside = ""

    def do_GET(self) -> None:
        self._say(DESCRIPTION)

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        action = self.headers["SOAPAction"].strip('"').partition("#")[2]

        def field(name: str) -> str:
            found = re.search(f"<{name}>(.*?)</{name}>", body)
            return found[1] if found else ""

        said = ""
        if action == "GetExternalIPAddress":
            said = f"<NewExternalIPAddress>{self.outside}</NewExternalIPAddress>"
        elif action == "GetStatusInfo":
            said = "<NewConnectionStatus>Connected</NewConnectionStatus><NewUptime>1</NewUptime>"
        elif action == "AddPortMapping":
            outside, inside = int(field("NewExternalPort")), int(field("NewInternalPort"))
            seconds = int(field("NewLeaseDuration") or 0)
            grant(outside, field("NewInternalClient"), inside, seconds)
        elif action == "DeletePortMapping":
            take_back(int(field("NewExternalPort")))
        answer = f'<u:{action}Response xmlns:u="{SERVICE}">{said}</u:{action}Response>'
        self._say(
            '<?xml version="1.0"?><s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/">'
            f"<s:Body>{answer}</s:Body></s:Envelope>"
        )

    def _say(self, text: str) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/xml")
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text.encode())

    def log_message(self, *args: object) -> None:
        pass


def serve_upnp(own: str, outside: str) -> None:
    Soap.outside = outside
    web = HTTPServer((own, 0), Soap)
    threading.Thread(target=web.serve_forever, daemon=True).start()
    asked = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    asked.bind(("", 1900))
    group = socket.inet_aton("239.255.255.250") + socket.inet_aton(own)
    asked.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, group)
    print("ready", flush=True)
    while True:
        message, sender = asked.recvfrom(2048)
        if message.startswith(b"M-SEARCH"):
            place = f"http://{own}:{web.server_address[1]}/device.xml"
            lines = (
                "HTTP/1.1 200 OK",
                f"ST: {DEVICE}",
                f"USN: uuid:1::{DEVICE}",
                f"LOCATION: {place}",
            )
            asked.sendto(
                "\r\n".join((*lines, "EXT:", "CACHE-CONTROL: max-age=60", "", "")).encode(), sender
            )


if __name__ == "__main__":
    nft(RULES)
    language, own_address = sys.argv[1:]
    outer = OUTSIDE.format(own_address.split(".")[2])
    {"natpmp": serve_natpmp, "upnp": serve_upnp}[language](own_address, outer)
