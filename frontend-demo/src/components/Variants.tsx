import type { CSSProperties } from "react";
import type { FamilyItem } from "../hooks/useItem";
import { lookOf, variantLabel } from "../rules/attributes";
import { itemPath } from "../rules/route";
import { Link } from "./Link";
import { StockBadge } from "./StockBadge";

/** The variants of a family side by side, each with its own live stock line. */
export function Variants({ family, sku }: { family: FamilyItem[]; sku: string }) {
  if (family.length < 2) return null;
  return (
    <nav aria-label="Variants">
      <ul className="variants">
        {family.map((member) => {
          const look = lookOf(member.attributes);
          const swatch = { "--tint": look.colourHex } as CSSProperties;
          return (
            <li key={member.sku} className="variant" data-sku={member.sku}>
              <span className="variant__swatch" style={swatch} aria-hidden="true" />
              <Link
                replace
                href={itemPath(member.sku)}
                className="variant__name"
                aria-current={member.sku === sku ? "page" : undefined}
              >
                {variantLabel(look, member.name)}
              </Link>
              <StockBadge line={member.availability} />
            </li>
          );
        })}
      </ul>
    </nav>
  );
}
