import type { ReactNode } from "react";
import type { SourcesQuery } from "../gql/graphql";
import { SOURCE_STATES } from "../rules/wording";
import { Tag, When } from "./Small";

type Health = NonNullable<SourcesQuery["sources"][number]["health"]>;

/** How a source is doing, in a word. */
export function HealthTag({ health }: { health: Health }) {
  const { words, tone } = SOURCE_STATES[health.state];
  return <Tag tone={tone}>{words}</Tag>;
}

/** How a source is doing, with all that is known of it. */
export function HealthFacts({ health }: { health: Health }) {
  const isLowered = ["STALE", "DOUBTFUL", "CIRCUIT_OPEN"].includes(health.state);
  return (
    <dl className="facts">
      <Fact title="Health">
        <HealthTag health={health} /> since <When moment={health.since} />
      </Fact>
      <Fact title="Heard last">
        {health.lastHeardAt === null ? "never" : <When moment={health.lastHeardAt} />}
      </Fact>
      {health.lastFailedAt !== null && (
        <Fact title="Failed last">
          <When moment={health.lastFailedAt} />
          {health.problem !== null && `: ${health.problem}`}
        </Fact>
      )}
      {health.notBefore !== null && (
        <Fact title="Asked again">
          <When moment={health.notBefore} />
        </Fact>
      )}
      {isLowered && health.withhold !== null && (
        <Fact title="Withheld of each item">{health.withhold}</Fact>
      )}
    </dl>
  );
}

function Fact({ title, children }: { title: string; children: ReactNode }) {
  return (
    <div>
      <dt>{title}</dt>
      <dd>{children}</dd>
    </div>
  );
}
