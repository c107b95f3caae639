"""The page at `/docs`: Swagger UI 5.35.0, as `swagger-ui-dist` of the npm registry has it.

Unchanged from there: `swagger-ui-bundle.js`, `swagger-ui.css`, and their licences (Apache-2.0, and
those of what is bundled). Ours: `docs.html`, `docs.css`, `docs.js`. To take a newer one, replace
the files from there and the number above.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Final

FOLDER: Final = Path(__file__).parent
PAGE: Final = "docs.html"
FILES: Final[Mapping[str, str]] = {
    "swagger-ui-bundle.js": "text/javascript",
    "swagger-ui.css": "text/css",
    "docs.css": "text/css",
    "docs.js": "text/javascript",
    "swagger-ui-bundle.js.LICENSE.txt": "text/plain",
}
"""What the page may ask for, with its media type."""
