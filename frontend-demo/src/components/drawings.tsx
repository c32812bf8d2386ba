/**
 * The product pictures: small drawings on a canvas of 200, in tones of the item's own colour.
 * `tint`, `shade`, `deep` and `light` are classes that the style derives from `--tint`.
 */
import type { ReactNode } from "react";

const SPECKLES = [
  [72, 96],
  [88, 118],
  [104, 92],
  [80, 140],
  [110, 132],
  [96, 106],
] as const;

function Floor({ rx }: { rx: number }) {
  return <ellipse className="floor" cx="100" cy="160" rx={rx} ry="6" />;
}

const drawings = {
  mug: (
    <>
      <Floor rx={52} />
      <path className="stroke-shade" strokeWidth="11" d="M130 84h8c13 0 20 9 20 21s-8 22-21 22h-9" />
      <path className="tint" d="M54 66h80v66c0 16-10 27-25 27H79c-15 0-25-11-25-27Z" />
      <path className="shade" d="M114 66h20v66c0 16-10 27-25 27h-9c10-4 14-14 14-27Z" />
      <ellipse className="light" cx="94" cy="66" rx="40" ry="10" />
      <ellipse className="deep" cx="94" cy="67" rx="33" ry="7" />
      {SPECKLES.map(([x, y]) => (
        <circle key={`${x}-${y}`} className="deep faint" cx={x} cy={y} r="1.6" />
      ))}
    </>
  ),
  bowl: (
    <>
      <Floor rx={58} />
      <path className="deep" d="M80 148h40l4 12H76Z" />
      <path className="tint" d="M34 88h132c0 42-27 66-66 66S34 130 34 88Z" />
      <path className="shade" d="M136 88h30c0 42-27 66-66 66h-4c28-7 40-34 40-66Z" />
      <ellipse className="light" cx="100" cy="88" rx="66" ry="15" />
      <ellipse className="deep" cx="100" cy="90" rx="57" ry="11" />
      <path className="stroke-light faint" strokeWidth="3" d="M44 108c4 15 12 27 24 34" />
    </>
  ),
  lamp: (
    <>
      <Floor rx={44} />
      <path className="glow" d="M56 104h88l22 56H34Z" />
      <rect className="wood" x="96" y="96" width="8" height="58" rx="3" />
      <path className="deep" d="M68 160c0-7 14-11 32-11s32 4 32 11Z" />
      <path className="tint" d="M76 40h48l24 64H52Z" />
      <path className="shade" d="M108 40h16l24 64h-30Z" />
      <ellipse className="light" cx="100" cy="104" rx="48" ry="7" />
      <ellipse className="light" cx="100" cy="40" rx="24" ry="4" />
    </>
  ),
  chair: (
    <>
      <Floor rx={54} />
      <path className="stroke-wood" strokeWidth="7" d="M74 112 70 148M126 112l4 36" />
      <path className="stroke-deep" strokeWidth="7" d="M66 46v66M134 46v66" />
      <rect className="tint" x="62" y="40" width="76" height="16" rx="7" />
      <rect className="tint" x="66" y="64" width="68" height="12" rx="5" />
      <rect className="tint" x="66" y="84" width="68" height="12" rx="5" />
      <path className="stroke-wood" strokeWidth="8" d="m60 120-6 40M140 120l6 40" />
      <path className="shade" d="M52 116h96l4 10c1 3-1 5-4 5H52c-3 0-5-2-4-5Z" />
      <path className="light" d="M58 104h84l8 14H50Z" />
    </>
  ),
  blanket: (
    <>
      <Floor rx={64} />
      <path className="stroke-deep" strokeWidth="3" d="M62 150v10M76 150v10M90 150v10M104 150v10M118 150v10" />
      <rect className="deep" x="38" y="124" width="124" height="28" rx="14" />
      <rect className="shade" x="40" y="98" width="120" height="30" rx="15" />
      <rect className="tint" x="38" y="70" width="124" height="32" rx="16" />
      <path className="light" d="M54 70h60v32H54a16 16 0 0 1 0-32Z" />
      <path className="stroke-shade" strokeWidth="3" d="M62 78v17M74 78v17M86 78v17M98 78v17" />
    </>
  ),
  notebook: (
    <>
      <Floor rx={50} />
      <path className="paper" d="M70 46h76v112H70Z" />
      <path className="stroke-deep faint" strokeWidth="1" d="M142 50v106M145 50v106" />
      <rect className="tint" x="56" y="40" width="84" height="120" rx="6" />
      <path className="shade" d="M62 40h10v120H62a6 6 0 0 1-6-6V46a6 6 0 0 1 6-6Z" />
      <rect className="light" x="84" y="60" width="36" height="22" rx="2" />
      <path className="stroke-deep" strokeWidth="2" d="M90 68h24M90 74h16" />
      <rect className="deep" x="126" y="40" width="5" height="120" />
    </>
  ),
  backpack: (
    <>
      <Floor rx={50} />
      <path className="stroke-deep" strokeWidth="6" d="M84 50c0-16 32-16 32 0" />
      <path className="deep" d="M50 96c-8 4-10 14-10 26v18c0 8 6 10 12 10ZM150 96c8 4 10 14 10 26v18c0 8-6 10-12 10Z" />
      <path className="tint" d="M52 90c0-26 18-44 48-44s48 18 48 44v56c0 9-6 14-14 14H66c-8 0-14-5-14-14Z" />
      <path className="shade" d="M124 51c15 7 24 20 24 39v56c0 9-6 14-14 14h-14c8-2 10-8 10-16V84c0-14-2-25-6-33Z" />
      <path className="stroke-deep faint" strokeWidth="3" d="M62 94h76" />
      <rect className="light" x="66" y="108" width="68" height="40" rx="10" />
      <path className="stroke-deep" strokeWidth="3" d="M74 120h52" />
      <rect className="deep" x="96" y="118" width="8" height="12" rx="3" />
      <rect className="light" x="88" y="64" width="24" height="14" rx="3" />
    </>
  ),
  jacket: (
    <>
      <Floor rx={52} />
      <path className="shade" d="M62 58 40 74l-8 68c5 4 14 6 20 4l14-56Z" />
      <path className="shade" d="m138 58 22 16 8 68c-5 4-14 6-20 4l-14-56Z" />
      <path className="tint" d="M76 44 58 60l4 94c0 4 2 6 6 6h64c4 0 6-2 6-6l4-94-18-16c-14 8-34 8-48 0Z" />
      <path className="deep" d="M76 44c4-8 14-12 24-12s20 4 24 12c-4 12-14 20-24 24-10-4-20-12-24-24Z" />
      <path className="light" d="M84 44c4-4 10-6 16-6s12 2 16 6c-3 8-9 13-16 16-7-3-13-8-16-16Z" />
      <path className="stroke-deep" strokeWidth="3" d="M100 68v92" />
      <path className="stroke-deep faint" strokeWidth="3" d="m72 122 16-8M128 122l-16-8M63 146h74" />
    </>
  ),
  teapot: (
    <>
      <Floor rx={56} />
      <path className="stroke-deep" strokeWidth="8" d="M138 92c26-8 34 8 28 24-4 12-16 20-28 22" />
      <path className="shade" d="M62 136C42 130 42 104 26 92l12-8c16 8 16 22 28 28Z" />
      <path className="deep" d="M76 152h52l4 8H72Z" />
      <ellipse className="tint" cx="101" cy="116" rx="49" ry="41" />
      <path className="shade" d="M122 79c16 6 28 20 28 37 0 22-20 40-46 41 18-8 28-24 28-44 0-13-4-26-10-34Z" />
      <path className="light" d="M70 84c6-10 18-16 31-16s25 6 31 16c-8 5-19 7-31 7s-23-2-31-7Z" />
      <circle className="deep" cx="101" cy="62" r="8" />
    </>
  ),
  plant: (
    <>
      <Floor rx={40} />
      <path className="stroke-stem" strokeWidth="4" d="M100 118V54M100 104c-12-8-22-14-30-28M100 96c10-6 22-12 30-26" />
      <path className="leaf" d="M100 64c-14-10-14-26 0-38 14 12 14 28 0 38Z" />
      <path className="leaf-dark" d="M74 82c-18 2-28-8-30-26 18 0 30 10 30 26ZM126 76c18 0 28-10 30-28-18 0-30 10-30 28Z" />
      <path className="leaf" d="M88 108c-16 6-28 0-36-16 18-4 30 2 36 16ZM112 102c14 8 28 4 38-10-16-8-30-4-38 10Z" />
      <path className="shade" d="M64 112h72v14H64Z" />
      <path className="tint" d="M68 126h64l-8 32c-1 2-2 2-4 2H80c-2 0-3 0-4-2Z" />
      <path className="shade" d="M114 126h18l-8 32c-1 2-2 2-4 2h-14Z" />
    </>
  ),
  parcel: (
    <>
      <Floor rx={54} />
      <path className="tint" d="m100 52 56 24v56l-56 26-56-26V76Z" />
      <path className="light" d="m100 52 56 24-56 26-56-26Z" />
      <path className="shade" d="m156 76-56 26v56l56-26Z" />
      <path className="deep faint" d="m72 64 56 26v16l-14 6V96L60 70Z" />
    </>
  ),
};

/** The drawings by the name that an item's attributes give. */
export const DRAWINGS: ReadonlyMap<string, ReactNode> = new Map(Object.entries(drawings));
