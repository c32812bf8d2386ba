import { Note } from "../../components/Note";
import type { Refusal } from "../rules/refusals";
import { Bones } from "./Small";

interface AwaitedProps {
  refusal: Refusal | undefined;
  /** What is said where the hub refuses. */
  title: string;
  retry: () => void;
}

/** In the place of what the hub has not answered yet. That it is away is told once, for the page. */
export function Awaited({ refusal, title, retry }: AwaitedProps) {
  if (refusal === undefined) return <Bones />;
  if (refusal.kind === "away") return null;
  return (
    <Note title={title} action={{ words: "Try again", run: retry }}>
      {refusal.words}
    </Note>
  );
}
