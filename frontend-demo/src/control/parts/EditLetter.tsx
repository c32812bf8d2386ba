import { useId, useState } from "react";
import type { LetterQuery } from "../gql/graphql";
import { EditMutation } from "../operations";
import { editedOf, textOf } from "../rules/payload";
import { useAct } from "../useAct";

interface EditProps {
  letter: NonNullable<LetterQuery["deadLetter"]>;
  onClose: () => void;
  onDone: (told: string) => void;
}

/** Gives an event another payload, by which it is worked. The one that came is kept beside it. */
export function EditLetter({ letter, onClose, onDone }: EditProps) {
  const [text, setText] = useState(() => textOf(letter.editedPayload ?? letter.payload));
  const [problem, setProblem] = useState<string>();
  const [busy, setBusy] = useState(false);
  const problemId = useId();
  const act = useAct();

  const send = async (): Promise<void> => {
    const edited = editedOf(text, letter.eventId);
    if ("problem" in edited) {
      setProblem(edited.problem);
      return;
    }
    setBusy(true);
    const answer = await act(EditMutation, { id: letter.id, payload: edited.payload });
    setBusy(false);
    setProblem(answer.problem);
    if (answer.problem === undefined) onDone(`${letter.eventId} is edited, and is worked again.`);
  };

  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        void send();
      }}
    >
      <label className="field">
        Event, as it should have been
        <textarea
          className="code"
          spellCheck={false}
          rows={Math.min(24, text.split("\n").length + 1)}
          value={text}
          aria-describedby={problemId}
          aria-invalid={problem !== undefined}
          onChange={(event) => {
            setText(event.target.value);
            setProblem(undefined);
          }}
        />
      </label>
      <p id={problemId} className="refusal" role="alert">
        {problem}
      </p>
      <div className="actions actions--start">
        <button type="submit" className="button button--main" disabled={busy}>
          {busy ? "One moment…" : "Save and requeue"}
        </button>
        <button type="button" className="button button--quiet" onClick={onClose}>
          Cancel
        </button>
      </div>
    </form>
  );
}
