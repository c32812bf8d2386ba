import { useEffect, useId, useRef, useState, type ReactNode } from "react";

interface AskProps {
  title: string;
  children: ReactNode;
  /** What the button that does it says. */
  words: string;
  /** With a label, a reason is asked for, and handed on. */
  reasonLabel?: string;
  /** Does it; what comes back is why it was not done. */
  onDo: (reason: string) => Promise<string | undefined>;
  onClose: () => void;
}

/** Asks before something is done that matters. A native dialog: focus and Escape are the browser's. */
export function Ask({ title, children, words, reasonLabel, onDo, onClose }: AskProps) {
  const dialog = useRef<HTMLDialogElement>(null);
  const titleId = useId();
  const [reason, setReason] = useState("");
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<string>();
  const lacksReason = reasonLabel !== undefined && reason.trim() === "";

  useEffect(() => dialog.current?.showModal(), []);

  const send = async (): Promise<void> => {
    setBusy(true);
    const refused = await onDo(reason.trim());
    setBusy(false);
    setProblem(refused);
    if (refused === undefined) onClose();
  };

  return (
    <dialog ref={dialog} className="ask" aria-labelledby={titleId} onClose={onClose}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          void send();
        }}
      >
        <h2 id={titleId}>{title}</h2>
        <div className="ask__text">{children}</div>
        {reasonLabel !== undefined && (
          <label className="field">
            {reasonLabel}
            <input
              value={reason}
              maxLength={500}
              required
              onChange={(event) => setReason(event.target.value)}
            />
          </label>
        )}
        <p className="refusal" role="alert">
          {problem}
        </p>
        <div className="actions">
          <button type="button" className="button button--quiet" onClick={onClose}>
            Cancel
          </button>
          <button type="submit" className="button button--main" disabled={busy || lacksReason}>
            {busy ? "One moment…" : words}
          </button>
        </div>
      </form>
    </dialog>
  );
}
