"""Take the picture of a report that the README shows.

    python -m tests.report.screenshot doitkit-workspace/report.html docs/report.png

Needs Playwright and an installed Chromium. `--section growth` pictures one section, by its id.
"""

import argparse
from pathlib import Path

from tests.report.browser import QUIET, chromium, visit


def screenshot(
    report: Path, picture: Path, *, width: int, height: int, scheme: str, section: str | None
) -> None:
    """Write a PNG of the top of a report, or of one of its sections."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=list(QUIET))
        with visit(browser, report, width=width, scheme=scheme, height=height) as seen:
            if section:
                seen.page.locator(f"#{section}").screenshot(path=picture)
            else:
                seen.page.screenshot(path=picture)
        browser.close()


def main() -> None:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("report", type=Path)
    parser.add_argument("picture", type=Path)
    parser.add_argument("--width", type=int, default=1280)
    parser.add_argument("--height", type=int, default=1130)
    parser.add_argument("--scheme", choices=("light", "dark"), default="light")
    parser.add_argument("--section", help="id of a section: curves, measured, abilities, ...")
    screenshot(**vars(parser.parse_args()))


if __name__ == "__main__":
    main()
