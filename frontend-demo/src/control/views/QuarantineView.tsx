import { useState } from "react";
import { Note } from "../../components/Note";
import type { QuarantineQuery as Quarantine } from "../gql/graphql";
import { ApproveMutation, QuarantineQuery, RejectMutation } from "../operations";
import { Ask } from "../parts/Ask";
import { Awaited } from "../parts/Awaited";
import { RailReport } from "../parts/RailReport";
import { When } from "../parts/Small";
import { SnapshotChanges } from "../parts/SnapshotChanges";
import { countWords, snapshotTitle } from "../rules/wording";
import { useAct } from "../useAct";
import { useLive } from "../useLive";

const SHOWN = { first: 50 };

type Snapshot = Quarantine["quarantine"]["edges"][number]["node"];

/** Snapshots that look wrong: nothing of them is applied until a person says so. */
export function QuarantineView() {
  const { data, refusal, retry } = useLive(QuarantineQuery, SHOWN);
  const [told, setTold] = useState("");
  const snapshots = data?.quarantine.edges.map((edge) => edge.node);
  return (
    <>
      <h1>Quarantine</h1>
      <p className="lead">
        Snapshots that go beyond what is believed of their source. Nothing of them is applied.
      </p>
      <p className="told" role="status">
        {told}
      </p>
      {snapshots === undefined && (
        <Awaited refusal={refusal} title="The quarantine cannot be shown." retry={retry} />
      )}
      {snapshots?.length === 0 && (
        <Note tone="plain" title="Nothing is in quarantine.">
          A snapshot that would zero, drop or multiply more than its source’s guard rails allow waits
          here.
        </Note>
      )}
      {snapshots?.map((snapshot) => (
        <SnapshotPanel key={snapshot.id} snapshot={snapshot} onDone={setTold} />
      ))}
      {data?.quarantine.pageInfo.hasNextPage && (
        <p className="quiet">The {SHOWN.first} newest are shown. Decide on some to see the others.</p>
      )}
    </>
  );
}

function SnapshotPanel({
  snapshot,
  onDone,
}: {
  snapshot: Snapshot;
  onDone: (told: string) => void;
}) {
  const [asking, setAsking] = useState<"approve" | "reject">();
  const act = useAct();
  const { id, source } = snapshot;
  const name = snapshotTitle(snapshot.name);

  const approve = async () => {
    const { problem } = await act(ApproveMutation, { id });
    if (problem === undefined) onDone(`${name} of ${source} is approved, and is being applied.`);
    return problem;
  };
  const reject = async (reason: string) => {
    const { problem } = await act(RejectMutation, { id, reason });
    if (problem === undefined) onDone(`${name} of ${source} is rejected.`);
    return problem;
  };

  return (
    <article className="panel" aria-labelledby={`snapshot-${id}`}>
      <div className="panel__head">
        <div>
          <h2 id={`snapshot-${id}`}>{name}</h2>
          <p className="quiet">
            {source} · snapshot {id} · {countWords(snapshot.rows, "row")}
            {snapshot.leftOut > 0 && ` · ${countWords(snapshot.leftOut, "item")} left out`}
            {snapshot.refused > 0 && ` · ${countWords(snapshot.refused, "row")} refused`} · came{" "}
            <When moment={snapshot.receivedAt} />
          </p>
        </div>
        <div className="actions">
          <button
            type="button"
            className="button button--quiet"
            aria-describedby={`snapshot-${id}`}
            onClick={() => setAsking("reject")}
          >
            Reject…
          </button>
          <button
            type="button"
            className="button button--main"
            aria-describedby={`snapshot-${id}`}
            onClick={() => setAsking("approve")}
          >
            Approve…
          </button>
        </div>
      </div>
      <RailReport report={snapshot.report} />
      <SnapshotChanges id={id} rails={snapshot.report.map((tripped) => tripped.rail)} />
      {asking === "approve" && (
        <Ask
          title="Approve this snapshot?"
          words="Approve and apply"
          onDo={approve}
          onClose={() => setAsking(undefined)}
        >
          <p>
            All {countWords(snapshot.rows, "row")} of <b>{name}</b> are applied to stock as they were
            sent. That cannot be undone; a newer snapshot replaces it.
          </p>
        </Ask>
      )}
      {asking === "reject" && (
        <Ask
          title="Reject this snapshot?"
          words="Reject"
          reasonLabel="Why, for those who ask later"
          onDo={reject}
          onClose={() => setAsking(undefined)}
        >
          <p>
            Nothing of <b>{name}</b> is applied, and its rows are forgotten.
          </p>
        </Ask>
      )}
    </article>
  );
}
