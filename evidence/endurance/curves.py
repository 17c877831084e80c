"""Draws what nodes took of memory and disk over the number of transactions, as SVG."""

PANELS = [
    ("rss", "memory of the node (RSS), MiB"), ("log", "log on disk, MiB"),
    ("database", "its PostgreSQL, MiB (the payments themselves)")]
COLOURS = ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#56b4e9"]
WIDTH, HEIGHT, LEFT, RIGHT, TOP, GAP = 760, 170, 70, 20, 30, 50


def draw(table, path):
    """`table`: of each moment and node the transactions, the node, and bytes by the panels' keys."""
    most = max(row["transactions"] for row in table) or 1
    parts = []
    for number, (key, title) in enumerate(PANELS):
        top = TOP + number * (HEIGHT + GAP)
        parts += panel(table, key, title, most, top)
    height = TOP + len(PANELS) * (HEIGHT + GAP)
    path.write_text(
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" font-family="sans-serif" '
        f'font-size="12">\n<rect width="{WIDTH}" height="{height}" fill="white"/>\n' + "\n".join(parts) + "\n</svg>\n")


def panel(table, key, title, most, top):
    ceiling = nice(max(row[key] for row in table) / (1 << 20))

    def place(row):
        across = LEFT + (WIDTH - LEFT - RIGHT) * row["transactions"] / most
        return f"{across:.1f},{top + HEIGHT * (1 - row[key] / (1 << 20) / ceiling):.1f}"

    yield f'<text x="{LEFT}" y="{top - 8}" font-weight="bold">{title}</text>'
    for quarter in range(5):
        height = top + HEIGHT * (1 - quarter / 4)
        yield f'<line x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{height}" y2="{height}" stroke="#ddd"/>'
        yield f'<text x="{LEFT - 8}" y="{height + 4}" text-anchor="end">{ceiling * quarter / 4:g}</text>'
        across = LEFT + (WIDTH - LEFT - RIGHT) * quarter / 4
        yield f'<text x="{across}" y="{top + HEIGHT + 16}" text-anchor="middle">{most * quarter / 4e6:g} M</text>'
    for node in sorted({row["node"] for row in table}):
        colour = COLOURS[(node - 1) % len(COLOURS)]
        points = " ".join(place(row) for row in table if row["node"] == node)
        yield f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="2"/>'
        across = WIDTH - RIGHT - 60 * (4 - node)
        yield f'<text x="{across}" y="{top - 8}" fill="{colour}">node {node}</text>'


def nice(value):
    """The next of 1, 2, 4, 8 times a power of ten."""
    scale = 1.0
    while True:
        for factor in (1, 2, 4, 8):
            if value <= factor * scale:
                return factor * scale
        scale *= 10
