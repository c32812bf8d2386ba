import { useEffect, useState } from "react";
import { Icon, type IconName } from "../../components/Icon";
import { agoWords, momentWords, type Tone } from "../rules/wording";

const TICK_MS = 10_000;

/** A point in time as people say it, and exactly for who looks closer. */
export function When({ moment }: { moment: string }) {
  const [now, setNow] = useState(() => new Date());
  useEffect(() => {
    const timer = setInterval(() => setNow(new Date()), TICK_MS);
    return () => clearInterval(timer);
  }, []);
  return (
    <time dateTime={moment} title={momentWords(moment)}>
      {agoWords(moment, now)}
    </time>
  );
}

const ICONS: Record<Tone, IconName> = { good: "check", watch: "later", act: "alert", plain: "out" };

/** A state: an icon and words, and a colour that only helps. */
export function Tag({ tone, children }: { tone: Tone; children: string }) {
  return (
    <span className={`tag tag--${tone}`}>
      <Icon name={ICONS[tone]} />
      {children}
    </span>
  );
}

/** What a list looks like before its first answer. */
export function Bones() {
  return (
    <div className="skeleton" aria-busy="true">
      <p className="visually-hidden">Loading</p>
      {[0, 1, 2, 3].map((row) => (
        <span key={row} className="bone bone--block bones__row" />
      ))}
    </div>
  );
}
