/** Reads an item's free-form `attributes`: only what the shop shows, nothing taken on trust. */

export interface Look {
  colour: string | null;
  colourHex: string;
  size: string | null;
  blurb: string | null;
  icon: string;
  price: { amount: number; currency: string } | null;
}

const NEUTRAL_HEX = "#9a9a94";

export function lookOf(attributes: unknown): Look {
  const bag = typeof attributes === "object" && attributes !== null ? attributes : {};
  const text = (key: string): string | null => {
    const value: unknown = Reflect.get(bag, key);
    return typeof value === "string" && value !== "" ? value : null;
  };
  const hex = text("colourHex");
  const amount = Number(text("price") ?? Number.NaN);
  const currency = text("currency") ?? "";
  return {
    colour: text("colour"),
    // The value ends up in a style: anything but a plain hex colour is refused.
    colourHex: hex !== null && /^#[0-9a-f]{6}$/i.test(hex) ? hex : NEUTRAL_HEX,
    size: text("size"),
    blurb: text("blurb"),
    icon: text("icon") ?? "",
    // A currency that is no code of three letters would make the formatter throw.
    price: Number.isFinite(amount) && /^[A-Z]{3}$/.test(currency) ? { amount, currency } : null,
  };
}

const SIZES = ["XS", "S", "M", "L", "XL"];

/** Orders variants as a shop would: by colour, then from small to large. */
export function compareLooks(a: Look, b: Look): number {
  const byColour = (a.colour ?? "").localeCompare(b.colour ?? "");
  return byColour || SIZES.indexOf(a.size ?? "") - SIZES.indexOf(b.size ?? "");
}

/** What tells one variant of a family from another: "Moss, M". */
export function variantLabel(look: Look, fallback: string): string {
  return [look.colour, look.size].filter(Boolean).join(", ") || fallback;
}
