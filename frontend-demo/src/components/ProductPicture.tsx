import type { CSSProperties } from "react";
import type { Look } from "../rules/attributes";
import { DRAWINGS } from "./drawings";

/** A product as a drawing in its own colour. Decoration: the name is always written next to it. */
export function ProductPicture({ look, className = "" }: { look: Look; className?: string }) {
  const tint = { "--tint": look.colourHex } as CSSProperties;
  return (
    <div className={`picture ${className}`} style={tint}>
      <svg viewBox="0 0 200 200" aria-hidden="true" focusable="false">
        {DRAWINGS.get(look.icon) ?? DRAWINGS.get("parcel")}
      </svg>
    </div>
  );
}
