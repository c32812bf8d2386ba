import { useState } from "react";

/** Text that fades for a moment when it changes. Its width is reserved by the style around it. */
export function LiveText({ text }: { text: string }) {
  const [seen, setSeen] = useState({ text, changes: 0 });
  if (seen.text !== text) setSeen({ text, changes: seen.changes + 1 });
  return (
    <span key={seen.changes} className={seen.changes > 0 ? "live live--changed" : "live"}>
      {text}
    </span>
  );
}
