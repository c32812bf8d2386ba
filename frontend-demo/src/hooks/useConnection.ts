import { useEffect, useState, useSyncExternalStore } from "react";
import { connection, type Connection } from "../api/connection";

const SETTLE_MS = 400;

/** The state of the connection. "Catching up" is told only when it lasts, so it never flickers. */
export function useConnection(): Connection {
  const now = useSyncExternalStore(connection.subscribe, connection.get);
  const [shown, setShown] = useState(now);
  useEffect(() => {
    const timer = setTimeout(() => setShown(now), now.kind === "catchingUp" ? SETTLE_MS : 0);
    return () => clearTimeout(timer);
  }, [now]);
  return shown;
}
