"""What the demo shop sells: forty families of three variants each, with the words on their labels.

All names, texts and prices are invented for this project.
"""

from typing import Final, NamedTuple

COLOURS: Final = {
    "Ash": "#b8b2a7",
    "Chalk": "#e8e6e0",
    "Clay": "#b5694a",
    "Fern": "#4f7a52",
    "Ink": "#2f3e5c",
    "Moss": "#6b7a4b",
    "Oat": "#d8c9ab",
    "Plum": "#6d4a63",
    "Rose": "#c98b8b",
    "Saffron": "#d9a441",
    "Slate": "#66727c",
    "Soot": "#2a2a2c",
}


class Family(NamedTuple):
    """A product in three variants, each written `Colour` or `Colour/Size`."""

    icon: str
    name: str
    price: str
    """In euros, as it is printed."""
    variants: str
    blurb: str


FAMILIES: Final = (
    Family("mug", "Fjord", "14.00", "Moss Oat Ink",
           "Thrown a little heavy, so that it stays warm for one more chapter."),
    Family("mug", "Harbour", "12.50", "Slate Chalk Clay",
           "A straight-sided mug with a handle that fits three fingers and a glove."),
    Family("mug", "Kiosk", "9.00", "Saffron Rose Soot",
           "Enamelled steel for the camp stove, the balcony and the bottom of the bag."),
    Family("mug", "Tall Order", "16.00", "Ash/M Ash/L Plum/L",
           "For people who say one cup and mean two."),
    Family("bowl", "Rim", "18.00", "Oat Clay Ink",
           "The wide rim keeps the soup where it belongs and your thumbs out of it."),
    Family("bowl", "Morning", "13.00", "Chalk Rose Moss",
           "Deep enough for porridge, small enough for the left hand."),
    Family("bowl", "Long Table", "46.00", "Slate Oat Fern",
           "The salad bowl that gets carried around the table and comes back empty."),
    Family("bowl", "Nest", "32.00", "Ash/S Ash/M Ash/L",
           "Beech bowls that sit inside each other when they are not needed."),
    Family("lamp", "Arc", "129.00", "Soot Chalk Saffron",
           "One long curve that puts the light over the page and not in your eyes."),
    Family("lamp", "Pilot", "74.00", "Clay Slate Ink",
           "A small reading lamp with a heavy foot and a quiet switch."),
    Family("lamp", "Lantern", "58.00", "Moss Soot Saffron",
           "Charges by day, glows until the last guest has left the garden."),
    Family("lamp", "Paper Moon", "89.00", "Chalk/S Chalk/M Chalk/L",
           "Folded paper on a wire frame; it weighs less than its own shadow."),
    Family("chair", "Slat", "165.00", "Oat Soot Fern",
           "Seven ash slats, no screws to be seen, and it stacks four high."),
    Family("chair", "Porch", "220.00", "Clay Slate Chalk",
           "Low, wide and in no hurry; oiled to stay outside from April on."),
    Family("chair", "Workshop", "138.00", "Ash/M Ash/L Soot/M",
           "A stool that turns, with a foot ring polished by everyone before you."),
    Family("chair", "Corner", "349.00", "Plum Moss Ink",
           "The reading chair; somebody will claim it on the first evening."),
    Family("blanket", "Skerry", "95.00", "Ink Oat Slate",
           "Lambswool woven on a narrow old loom, with a fringe that stays knotted."),
    Family("blanket", "Meadow", "69.00", "Fern Saffron Rose",
           "Washed cotton with a waffle weave: cool in June, enough in September."),
    Family("blanket", "Deck", "54.00", "Clay Moss Soot",
           "Recycled wool with one rubbed side that does not mind wet grass."),
    Family("blanket", "Cradle", "48.00", "Chalk Rose Ash",
           "Merino so fine that it goes through a ring, and then through the wash."),
    Family("notebook", "Field", "11.00", "Moss Clay Ink",
           "Lies flat, takes rain, and fits the pocket that phones never fit."),
    Family("notebook", "Ledger", "19.00", "Soot Plum Slate",
           "Numbered pages and an index, for those who want to find it again."),
    Family("notebook", "Dot", "9.50", "Chalk Saffron Fern",
           "Faint dots on cream paper that forgives fountain pens."),
    Family("notebook", "Sketch", "16.50", "Ash/S Ash/M Ash/L",
           "Heavy sheets for wet and dry, bound so that they tear out clean."),
    Family("backpack", "Day", "84.00", "Ink Moss Clay",
           "Eighteen litres, one big pocket, one small one, nothing that dangles."),
    Family("backpack", "Roll-top", "119.00", "Saffron Soot Slate",
           "Welded seams and a top that rolls down to however much you carry."),
    Family("backpack", "Ridge", "168.00", "Fern/M Fern/L Ink/L",
           "A frame you stop noticing after the first hill."),
    Family("backpack", "Satchel", "97.00", "Clay Plum Soot",
           "A bag for the bicycle that looks right in a meeting."),
    Family("jacket", "Drizzle", "149.00", "Slate/S Slate/M Slate/L",
           "A light shell that folds into its own pocket when the sky makes up its mind."),
    Family("jacket", "Boathouse", "189.00", "Ink/S Ink/M Ink/L",
           "Waxed cotton that gets better every time it gets wet."),
    Family("jacket", "Hearth", "134.00", "Moss/S Moss/M Moss/L",
           "Boiled wool with horn buttons, warm from the car to the door and beyond."),
    Family("jacket", "Errand", "112.00", "Clay/M Clay/L Soot/M",
           "Four pockets, one of them exactly the size of a newspaper."),
    Family("teapot", "Kyo", "62.00", "Soot Fern Chalk",
           "Cast iron inside a calm shape; it pours the last drop without a drip."),
    Family("teapot", "Glasshouse", "44.00", "Chalk/S Chalk/M Chalk/L",
           "Clear glass, so that nobody has to ask how strong it is."),
    Family("teapot", "Brown Betty", "29.00", "Clay Slate Oat",
           "The round one from every kitchen you have liked."),
    Family("teapot", "Travel", "36.00", "Saffron Rose Ink",
           "A pot, two cups and a cloth in a case no bigger than a loaf."),
    Family("plant", "Olive tree", "79.00", "Fern/S Fern/M Fern/L",
           "Wants sun, neglect and a terracotta pot; you bring the first two."),
    Family("plant", "Fiddle fig", "54.00", "Moss/S Moss/M Moss/L",
           "Big glossy leaves that turn to the window overnight."),
    Family("plant", "Thyme", "6.50", "Fern Moss Ash",
           "Three kinds of thyme that like the sill above the sink."),
    Family("plant", "Hoya", "24.00", "Rose Chalk Plum",
           "Climbs slowly, flowers suddenly, and forgives a fortnight away."),
)  # fmt: skip
