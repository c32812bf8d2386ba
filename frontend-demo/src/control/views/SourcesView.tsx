import { Link } from "../../components/Link";
import { Note } from "../../components/Note";
import type { WaitingQuery as Waiting } from "../gql/graphql";
import { SourcesQuery } from "../operations";
import { Awaited } from "../parts/Awaited";
import { Tag, When } from "../parts/Small";
import { HealthTag } from "../parts/SourceHealth";
import { lettersPath, QUARANTINE_PATH, sourcePath } from "../rules/route";
import { atLeast, proofWords } from "../rules/wording";
import { useLive } from "../useLive";

const NONE = {};

/** Who tells the hub of stock, and what of them waits for a person. */
export function SourcesView({ waiting }: { waiting: Waiting | undefined }) {
  const { data, refusal, retry } = useLive(SourcesQuery, NONE);
  const configured = data?.sources.map((source) => source.name) ?? [];
  const others = new Set(
    [...(waiting?.deadLetters.edges ?? []), ...(waiting?.quarantine.edges ?? [])].map(
      (edge) => edge.node.source,
    ),
  );
  for (const name of configured) others.delete(name);

  return (
    <>
      <h1>Sources</h1>
      <p className="lead">Who tells the hub of stock, in which format, and what waits of them.</p>
      {data === undefined && (
        <Awaited refusal={refusal} title="The sources cannot be shown." retry={retry} />
      )}
      {data?.sources.length === 0 && (
        <Note tone="plain" title="No source is configured.">
          Whoever sends CloudEvents needs no configuration. For any other format:{" "}
          <code>availability-hub source put FILE</code>
        </Note>
      )}
      {(configured.length > 0 || others.size > 0) && (
        <div className="scroll" role="region" aria-label="Sources" tabIndex={0}>
          <table className="table">
            <thead>
              <tr>
                <th scope="col">Source</th>
                <th scope="col">Health</th>
                <th scope="col">Waiting</th>
                <th scope="col">Format</th>
                <th scope="col">Proves itself by</th>
                <th scope="col">Changed</th>
              </tr>
            </thead>
            <tbody>
              {data?.sources.map((source) => (
                <tr key={source.name}>
                  <th scope="row">
                    <Link href={sourcePath(source.name)}>{source.name}</Link>
                  </th>
                  <td>{source.health ? <HealthTag health={source.health} /> : "–"}</td>
                  <td>
                    <WhatWaits source={source.name} waiting={waiting} />
                  </td>
                  <td>{source.format}</td>
                  <td>{proofWords(source.configuration)}</td>
                  <td>
                    <When moment={source.updatedAt} /> by {source.updatedBy}
                  </td>
                </tr>
              ))}
              {[...others].sort().map((name) => (
                <tr key={name}>
                  <th scope="row">{name}</th>
                  <td className="quiet">–</td>
                  <td>
                    <WhatWaits source={name} waiting={waiting} />
                  </td>
                  <td>CloudEvents</td>
                  <td>access token</td>
                  <td className="quiet">not configured</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </>
  );
}

function WhatWaits({ source, waiting }: { source: string; waiting: Waiting | undefined }) {
  if (waiting === undefined) return null;
  const { quarantine, deadLetters } = waiting;
  const held = quarantine.edges.filter((edge) => edge.node.source === source).length;
  const dead = deadLetters.edges.filter((edge) => edge.node.source === source).length;
  const heldWords = atLeast(held, quarantine.pageInfo.hasNextPage);
  const deadWords = atLeast(dead, deadLetters.pageInfo.hasNextPage);
  if (heldWords === "" && deadWords === "") return <Tag tone="good">Nothing</Tag>;
  return (
    <span className="tags">
      {heldWords !== "" && (
        <Link href={QUARANTINE_PATH}>
          <Tag tone={held > 0 ? "act" : "plain"}>{`${heldWords} in quarantine`}</Tag>
        </Link>
      )}
      {deadWords !== "" && (
        <Link href={lettersPath(source)}>
          <Tag tone={dead > 0 ? "act" : "plain"}>
            {deadWords === "1" ? "1 dead letter" : `${deadWords} dead letters`}
          </Tag>
        </Link>
      )}
    </span>
  );
}
