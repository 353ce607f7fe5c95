"""Every sentence a person reads, English in the source, one file a page.

All go through Qt's translation with the context "phrases", so that Qt Linguist finds them:
``translate("phrases", "…")`` in functions, ``QT_TRANSLATE_NOOP("phrases", "…")`` in tables whose
entries `words.say` translates when they are shown.
"""
