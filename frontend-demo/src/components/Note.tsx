import type { ReactNode } from "react";
import { Icon } from "./Icon";

interface NoteProps {
  title: string;
  children?: ReactNode;
  action?: { words: string; run: () => void };
  tone?: "act" | "plain";
}

/** Says what happened, what still works and what to do. */
export function Note({ title, children, action, tone = "act" }: NoteProps) {
  return (
    <div className={`note note--${tone}`} role={tone === "act" ? "alert" : undefined}>
      {tone === "act" && <Icon name="alert" />}
      <div>
        <p className="note__title">{title}</p>
        {children && <p className="note__text">{children}</p>}
      </div>
      {action && (
        <button type="button" className="button button--quiet" onClick={action.run}>
          {action.words}
        </button>
      )}
    </div>
  );
}
