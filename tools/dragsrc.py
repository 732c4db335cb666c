#!/usr/bin/python3
"""A window that offers files as a genuine drag source, to test dropping with a real pointer.

    tools/dragsrc.py FILE...      (needs python3-gi and GTK 3; used by tools/shot.sh only)
"""
import pathlib
import sys

import gi

gi.require_version("Gdk", "3.0")
gi.require_version("Gtk", "3.0")
from gi.repository import Gdk, Gtk  # noqa: E402


def main(files):
    uris = [pathlib.Path(f).resolve().as_uri() for f in files]
    window = Gtk.Window(title="dragsrc")
    handle = Gtk.Button(label="\n".join(files))
    handle.drag_source_set(Gdk.ModifierType.BUTTON1_MASK, [], Gdk.DragAction.COPY)
    handle.drag_source_add_uri_targets()
    handle.connect("drag-data-get", lambda _w, _c, data, _i, _t: data.set_uris(uris))
    window.add(handle)
    window.set_default_size(180, 60)
    window.connect("destroy", Gtk.main_quit)
    window.show_all()
    window.move(0, 0)
    Gtk.main()


main(sys.argv[1:])
