import type { AnchorHTMLAttributes, MouseEvent } from "react";
import { navigate } from "../hooks/useRoute";

interface LinkProps extends AnchorHTMLAttributes<HTMLAnchorElement> {
  href: string;
  /** A step between siblings replaces the page in the history, and keeps the scroll. */
  replace?: boolean;
}

/** A link within the shop. Opening it in a new tab stays the browser's business. */
export function Link({ href, replace = false, ...rest }: LinkProps) {
  const go = (event: MouseEvent): void => {
    const elsewhere = event.metaKey || event.ctrlKey || event.shiftKey || event.altKey;
    if (elsewhere || event.button !== 0) return;
    event.preventDefault();
    navigate(href, replace ? "replace" : "push");
  };
  return <a href={href} onClick={go} {...rest} />;
}
