/** Keeps a subscription going: the socket reconnects by itself, this restarts what ended. */
import type { OperationVariables, TypedDocumentNode } from "@apollo/client";
import { client } from "./client";
import { connection } from "./connection";

const RESTART_AFTER_MS = 2_000;

/**
 * Follows a subscription until the returned function is called. The first result after each
 * (re)start is a snapshot, which makes this stream current. `onEnded` hears when the hub ended it.
 */
export function follow<Data, Variables extends OperationVariables>(
  query: TypedDocumentNode<Data, Variables>,
  variables: Variables,
  onData: (data: Data) => void,
  onEnded: () => void = () => {},
): () => void {
  const stream = connection.streamOpened();
  let restart: ReturnType<typeof setTimeout> | undefined;
  let running = begin();

  function begin(): { unsubscribe(): void } {
    const options = { query, variables, fetchPolicy: "no-cache" } as const;
    return client.subscribe<Data, OperationVariables>(options).subscribe({
      next: ({ data, error }) => {
        if (data) {
          onData(data as Data);
          connection.streamCurrent(stream);
        } else if (error) {
          connection.streamLost(stream);
        }
      },
      error: beginLater,
      complete: beginLater,
    });
  }

  function beginLater(): void {
    connection.streamLost(stream);
    onEnded();
    restart = setTimeout(
      () => {
        running = begin();
      },
      RESTART_AFTER_MS * (0.5 + Math.random()),
    );
  }

  return () => {
    clearTimeout(restart);
    running.unsubscribe();
    connection.streamClosed(stream);
  };
}
