"""SVG charts, drawn by hand: scales, axes, marks. Colours are left to the page's style sheet."""
