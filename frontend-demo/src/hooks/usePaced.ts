import { useEffect, useRef, useState } from "react";

/**
 * The newest of a fast-changing value, shown at most every `everyMs`. The first change after a
 * quiet time shows at once. A value with another `identity` is another thing: it never waits.
 */
export function usePaced<T>(value: T, identity: string, everyMs = 500): T {
  const [shown, setShown] = useState({ value, identity });
  const lastShownMs = useRef(Number.NEGATIVE_INFINITY);
  useEffect(() => {
    const waitMs = Math.max(0, lastShownMs.current + everyMs - performance.now());
    const timer = setTimeout(() => {
      lastShownMs.current = performance.now();
      setShown({ value, identity });
    }, waitMs);
    return () => clearTimeout(timer);
  }, [value, identity, everyMs]);
  return shown.identity === identity ? shown.value : value;
}
