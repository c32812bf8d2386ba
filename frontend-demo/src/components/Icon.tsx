/** The icons of the shop, drawn on a grid of 20 with one stroke. Words always stand next to them. */
const PATHS = {
  check: "M10 2.5a7.5 7.5 0 1 1 0 15 7.5 7.5 0 0 1 0-15ZM6.8 10.3l2.2 2.2 4.3-4.7",
  low: "M10 2.5a7.5 7.5 0 1 1 0 15 7.5 7.5 0 0 1 0-15ZM10 6.3v4.4M10 13.6v.1",
  later: "M10 2.5a7.5 7.5 0 1 1 0 15 7.5 7.5 0 0 1 0-15ZM10 6v4.2l2.8 1.8",
  out: "M10 2.5a7.5 7.5 0 1 1 0 15 7.5 7.5 0 0 1 0-15ZM6.8 10h6.4",
  alert: "M10 3.2 17.6 16.4H2.4L10 3.2ZM10 8.2v3.6M10 14.2v.1",
  bag: "M4.5 7h11l.9 10H3.6l.9-10ZM7.2 9V5.8a2.8 2.8 0 0 1 5.6 0V9",
  search: "M9 3.5a5.5 5.5 0 1 1 0 11 5.5 5.5 0 0 1 0-11ZM13.2 13.2 17 17",
  chevron: "M5.5 8 10 12.5 14.5 8",
  plus: "M10 4.5v11M4.5 10h11",
  minus: "M4.5 10h11",
  close: "M5 5l10 10M15 5 5 15",
  back: "M12 4.5 6.5 10l5.5 5.5",
} as const;

export type IconName = keyof typeof PATHS;

export function Icon({ name }: { name: IconName }) {
  return (
    <svg className="icon" viewBox="0 0 20 20" aria-hidden="true" focusable="false">
      <path d={PATHS[name]} />
    </svg>
  );
}
