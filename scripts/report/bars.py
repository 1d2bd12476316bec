"""A drawing of bars: SVG without scripts or fonts of its own, legible on light and on dark."""

from dataclasses import dataclass
from html import escape

LABELS, BARS, VALUES, LINE, EDGE = 260, 360, 190, 22, 16

STYLE = """
text { font: 13px system-ui, sans-serif; fill: #1f2328 }
.title { font-size: 15px; font-weight: 600 }
.unit { fill: #59636e }
.bar { fill: #9aa4af }
.ours { fill: #0969da }
@media (prefers-color-scheme: dark) {
  text { fill: #e6edf3 }
  .unit { fill: #9198a1 }
  .bar { fill: #59636e }
  .ours { fill: #4493f8 }
}
"""


@dataclass
class Bar:
    label: str
    value: float
    text: str
    ours: bool = False


def svg(title, unit, groups):
    """Groups of bars, each with a heading or none. What they say is in the description, too."""
    width = EDGE * 2 + LABELS + BARS + VALUES
    longest = max(bar.value for _, bars in groups for bar in bars) or 1
    body, told, y = [], [], EDGE + 2 * LINE
    for heading, bars in groups:
        if heading:
            y += LINE // 2
            body.append(f'<text class="unit" x="{EDGE}" y="{y + 15}">{escape(heading)}</text>')
            y += LINE
        for bar in bars:
            length = max(bar.value / longest * BARS, 1)
            shade = "ours" if bar.ours else "bar"
            left = EDGE + LABELS
            body += [
                f'<text x="{left - 8}" y="{y + 15}" text-anchor="end">{escape(bar.label)}</text>',
                f'<rect class="{shade}" x="{left}" y="{y + 3}" width="{length:.1f}" height="{LINE - 6}"/>',
                f'<text x="{left + length + 6:.1f}" y="{y + 15}">{escape(bar.text)}</text>',
            ]
            y += LINE
        of = f"{heading}: " if heading else ""
        told.append(of + "; ".join(f"{bar.label}, {bar.text}" for bar in bars) + ".")
    height = y + EDGE
    return "\n".join([
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}"'
        f' viewBox="0 0 {width} {height}" role="img" aria-labelledby="title desc">',
        f'<title id="title">{escape(title)}</title>',
        f'<desc id="desc">{escape(unit)}. {escape(" ".join(told))}</desc>',
        f"<style>{STYLE}</style>",
        f'<text class="title" x="{EDGE}" y="{EDGE + 15}">{escape(title)}</text>',
        f'<text class="unit" x="{EDGE}" y="{EDGE + 15 + LINE}">{escape(unit)}</text>',
        *body,
        "</svg>",
        "",
    ])
