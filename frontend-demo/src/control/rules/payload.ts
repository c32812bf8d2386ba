/** An event as a person reads and edits it. */

export function textOf(payload: unknown): string {
  return JSON.stringify(payload, null, 2);
}

export type Edited = { payload: unknown } | { problem: string };

/** What somebody has made of an event. The hub has the last word on whether it can be worked. */
export function editedOf(text: string, eventId: string): Edited {
  let payload: unknown;
  try {
    payload = JSON.parse(text);
  } catch (error) {
    return { problem: `This is not JSON: ${error instanceof Error ? error.message : "?"}` };
  }
  if (typeof payload !== "object" || payload === null || Array.isArray(payload)) {
    return { problem: "An event is a JSON object." };
  }
  if ((payload as { id?: unknown }).id !== eventId) {
    return { problem: `The id must stay ${JSON.stringify(eventId)}: by it the event is known.` };
  }
  return { payload };
}
