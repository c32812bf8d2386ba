import { useState } from "react";
import type { LetterQuery as LetterAnswer } from "../gql/graphql";
import { DiscardMutation, LetterQuery, RequeueMutation } from "../operations";
import { textOf } from "../rules/payload";
import { countWords, LETTER_STEPS, momentWords } from "../rules/wording";
import { useAct } from "../useAct";
import { useLive } from "../useLive";
import { Ask } from "./Ask";
import { EditLetter } from "./EditLetter";
import { Bones, When } from "./Small";

type Letter = NonNullable<LetterAnswer["deadLetter"]>;

/** All that is known of a dead letter, and what can be done with it. */
export function LetterDetail({ id, onDone }: { id: string; onDone: (told: string) => void }) {
  const { data, refusal } = useLive(LetterQuery, { id });
  const letter = data?.deadLetter;
  if (data !== undefined && !letter) return <p className="quiet">It is not kept any more.</p>;
  if (!letter) return refusal ? <p className="refusal">{refusal.words}</p> : <Bones />;
  return (
    <div className="detail">
      <dl className="facts">
        <div>
          <dt>What went wrong</dt>
          <dd>
            <code>{letter.errorCode}</code> {letter.error}
          </dd>
        </div>
        <div>
          <dt>Tried</dt>
          <dd>
            {countWords(letter.attempts, "time")}, last <When moment={letter.failedAt} />
          </dd>
        </div>
        <div>
          <dt>Came in</dt>
          <dd>{momentWords(letter.receivedAt)}</dd>
        </div>
      </dl>
      <LetterActs letter={letter} onDone={onDone} />
      <History history={letter.history} />
    </div>
  );
}

function LetterActs({ letter, onDone }: { letter: Letter; onDone: (told: string) => void }) {
  const [doing, setDoing] = useState<"edit" | "discard">();
  const [problem, setProblem] = useState<string>();
  const act = useAct();
  const { id, eventId } = letter;
  const isOpen = letter.state === "DEAD" || letter.state === "DISCARDED";

  const requeue = async (): Promise<void> => {
    const { problem: refused } = await act(RequeueMutation, { id });
    setProblem(refused);
    if (refused === undefined) onDone(`${eventId} is put back, and is worked again.`);
  };
  const discard = async (reason: string) => {
    const { problem: refused } = await act(DiscardMutation, { id, reason });
    if (refused === undefined) onDone(`${eventId} is discarded.`);
    return refused;
  };

  return (
    <>
      {doing === "edit" ? (
        <EditLetter
          letter={letter}
          onClose={() => setDoing(undefined)}
          onDone={(told) => {
            setDoing(undefined);
            onDone(told);
          }}
        />
      ) : (
        <>
          <h3>{letter.editedPayload === null ? "Event" : "Event, as it was edited"}</h3>
          <pre className="code" tabIndex={0}>
            {textOf(letter.editedPayload ?? letter.payload)}
          </pre>
          {letter.editedPayload !== null && (
            <details>
              <summary>As it came</summary>
              <pre className="code" tabIndex={0}>
                {textOf(letter.payload)}
              </pre>
            </details>
          )}
        </>
      )}
      {isOpen && doing !== "edit" && (
        <div className="actions actions--start">
          <button type="button" className="button button--main" onClick={() => void requeue()}>
            Requeue
          </button>
          <button type="button" className="button button--quiet" onClick={() => setDoing("edit")}>
            Edit and requeue…
          </button>
          {letter.state === "DEAD" && (
            <button
              type="button"
              className="button button--quiet"
              onClick={() => setDoing("discard")}
            >
              Discard…
            </button>
          )}
        </div>
      )}
      {problem !== undefined && (
        <p className="refusal" role="alert">
          {problem}
        </p>
      )}
      {doing === "discard" && (
        <Ask
          title="Discard this event?"
          words="Discard"
          reasonLabel="Why, for those who look at it later"
          onDo={discard}
          onClose={() => setDoing(undefined)}
        >
          <p>
            <b>{eventId}</b> is never worked. Requeueing it undoes that, for as long as it is kept.
          </p>
        </Ask>
      )}
    </>
  );
}

function History({ history }: Pick<Letter, "history">) {
  return (
    <>
      <h3>History</h3>
      <ol className="history">
        {history.map((entry, place) => (
          <li key={place}>
            <time dateTime={entry.at}>{momentWords(entry.at)}</time>
            <span>
              <b>{entry.actor}</b>: {LETTER_STEPS[entry.step]}
              {entry.attempt !== null && `, attempt ${entry.attempt}`}
              {entry.errorCode !== null && (
                <>
                  {" "}
                  by <code>{entry.errorCode}</code>
                </>
              )}
              {entry.reason !== null && `: ${entry.reason}`}
            </span>
          </li>
        ))}
      </ol>
    </>
  );
}
