"""A real Chromium of the system's, for the tests of pages."""

import os
import shutil

CHROMIUM = next(
    (found for name in ("chromium", "chromium-browser", "google-chrome") if (found := shutil.which(name))), ""
)
CAMERA = ["--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream"]
"""A camera that is made, and that no one is asked for."""


def launched(engine, *options):
    """The browser, to be closed.

    In a locale of its own: in C it could neither read nor write below a folder with letters like é, which the place
    of temporary files may be.
    """
    own = {**os.environ, "LC_ALL": "C.UTF-8"}
    return engine.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", *options], env=own)
