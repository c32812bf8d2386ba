import { Icon } from "../../components/Icon";
import type { LettersQuery } from "../gql/graphql";
import { LETTER_STATES } from "../rules/wording";
import { LetterDetail } from "./LetterDetail";
import { Tag, When } from "./Small";

export type Letter = LettersQuery["deadLetters"]["edges"][number]["node"];

interface RowProps {
  letter: Letter;
  isOpen: boolean;
  isChosen: boolean;
  /** Where several can be acted upon at once. */
  onChoose: ((isChosen: boolean) => void) | undefined;
  onOpen: (isOpen: boolean) => void;
  onDone: (told: string) => void;
}

/** A dead letter in the list; it opens to all that is known of it. */
export function LetterRow({ letter, isOpen, isChosen, onChoose, onOpen, onDone }: RowProps) {
  const { words, tone } = LETTER_STATES[letter.state];
  return (
    <li className="rows__one">
      <div className="rows__line">
        {onChoose && (
          <label className="rows__check">
            <input
              type="checkbox"
              checked={isChosen}
              onChange={(event) => onChoose(event.target.checked)}
            />
            <span className="visually-hidden">Select {letter.eventId}</span>
          </label>
        )}
        <button
          type="button"
          className="rows__button"
          aria-expanded={isOpen}
          onClick={() => onOpen(!isOpen)}
        >
          <Tag tone={tone}>{words}</Tag>
          <span className="rows__main">
            <b>{letter.type}</b>
            <span className="quiet">
              {letter.source} · {letter.eventId}
            </span>
          </span>
          <span className="rows__error">
            <code>{letter.errorCode}</code> {letter.error}
          </span>
          <span className="quiet rows__when">
            <When moment={letter.failedAt} />
            <Icon name="chevron" />
          </span>
        </button>
      </div>
      {isOpen && <LetterDetail id={letter.id} onDone={onDone} />}
    </li>
  );
}
