import { useSyncExternalStore } from "react";
import type { Keepsake } from "../api/keepsake";

/** A kept value that re-renders when it changes here or in another tab. */
export function useKeepsake<T>(kept: Keepsake<T>): [T, (value: T) => void] {
  return [useSyncExternalStore(kept.subscribe, kept.get), kept.set];
}
