import { useEffect, useState } from "react";
import { msToNextSecond, secondsLeft, type TimeLeft } from "../rules/countdown";

/** Whole seconds left, counted down on server time. `null` where nothing runs out. */
export function useSecondsLeft(time: TimeLeft | null): number | null {
  const [, tick] = useState(0);
  useEffect(() => {
    if (time === null) return;
    let timer: ReturnType<typeof setTimeout>;
    const wait = (): void => {
      const ms = msToNextSecond(time, performance.now());
      if (!Number.isFinite(ms)) return;
      timer = setTimeout(() => {
        tick((count) => count + 1);
        wait();
      }, ms + 5); // a hair past the border, or rounding shows the old second again
    };
    wait();
    return () => clearTimeout(timer);
  }, [time]);
  return time === null ? null : secondsLeft(time, performance.now());
}
