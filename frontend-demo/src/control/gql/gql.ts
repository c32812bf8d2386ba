/* eslint-disable */
import * as types from './graphql';
import type { TypedDocumentNode as DocumentNode } from '@graphql-typed-document-node/core';

/**
 * Map of all GraphQL operations in the project.
 *
 * This map has several performance disadvantages:
 * 1. It is not tree-shakeable, so it will include all operations in the project.
 * 2. It is not minifiable, so the string of a GraphQL query will be multiple times inside the bundle.
 * 3. It does not support dead code elimination, so it will add unused operations.
 *
 * Therefore it is highly recommended to use the babel or swc plugin for production.
 * Learn more about it here: https://the-guild.dev/graphql/codegen/plugins/presets/preset-client#reducing-bundle-size
 */
type Documents = {
    "\n  fragment Refused on HubError {\n    code\n    message\n  }\n": typeof types.RefusedFragmentDoc,
    "\n  query Waiting {\n    quarantine(first: 100) {\n      edges {\n        node {\n          id\n          source\n        }\n      }\n      pageInfo {\n        hasNextPage\n      }\n    }\n    deadLetters(first: 100) {\n      edges {\n        node {\n          id\n          source\n        }\n      }\n      pageInfo {\n        hasNextPage\n      }\n    }\n  }\n": typeof types.WaitingDocument,
    "\n  query Sources {\n    sources {\n      name\n      format\n      version\n      updatedAt\n      updatedBy\n      configuration\n      health {\n        state\n        since\n        lastHeardAt\n        lastFailedAt\n        problem\n        notBefore\n        withhold\n      }\n    }\n  }\n": typeof types.SourcesDocument,
    "\n  query Deliveries($source: ID!, $state: [SourceDeliveryState!], $first: Int!) {\n    deliveries(source: $source, state: $state, first: $first) {\n      edges {\n        node {\n          id\n          senderId\n          receivedAt\n          mediaType\n          size\n          state\n          report {\n            accepted\n            duplicates\n            refused\n          }\n        }\n      }\n      pageInfo {\n        hasNextPage\n      }\n    }\n  }\n": typeof types.DeliveriesDocument,
    "\n  query Delivery($id: ID!) {\n    delivery(id: $id) {\n      id\n      payload\n      size\n      report {\n        accepted\n        duplicates\n        refused\n        findings {\n          severity\n          code\n          problem\n          line\n          column\n        }\n      }\n    }\n  }\n": typeof types.DeliveryDocument,
    "\n  query Quarantine($first: Int!) {\n    quarantine(first: $first) {\n      edges {\n        node {\n          id\n          source\n          name\n          rows\n          leftOut\n          refused\n          asOf\n          receivedAt\n          report {\n            rail\n            limit\n            actual\n            problem\n          }\n        }\n      }\n      pageInfo {\n        hasNextPage\n      }\n    }\n  }\n": typeof types.QuarantineDocument,
    "\n  query SnapshotChanges($id: ID!, $first: Int!, $rail: String) {\n    snapshotChanges(id: $id, first: $first, rail: $rail) {\n      line\n      sku\n      location\n      before\n      after\n      itemExists\n    }\n  }\n": typeof types.SnapshotChangesDocument,
    "\n  mutation Approve($input: ApproveSnapshotInput!) {\n    approveSnapshot(input: $input) {\n      __typename\n      ...Refused\n    }\n  }\n": typeof types.ApproveDocument,
    "\n  mutation Reject($input: RejectSnapshotInput!) {\n    rejectSnapshot(input: $input) {\n      __typename\n      ...Refused\n    }\n  }\n": typeof types.RejectDocument,
    "\n  query Letters($first: Int!, $filter: DeadLetterFilter, $state: [DeadLetterState!]) {\n    deadLetters(first: $first, filter: $filter, state: $state) {\n      edges {\n        node {\n          id\n          source\n          eventId\n          type\n          state\n          errorCode\n          error\n          attempts\n          failedAt\n        }\n      }\n      pageInfo {\n        hasNextPage\n      }\n    }\n  }\n": typeof types.LettersDocument,
    "\n  query Letter($id: ID!) {\n    deadLetter(id: $id) {\n      id\n      source\n      eventId\n      type\n      state\n      payload\n      editedPayload\n      errorCode\n      error\n      attempts\n      receivedAt\n      failedAt\n      history {\n        step\n        at\n        actor\n        attempt\n        errorCode\n        error\n        reason\n      }\n    }\n  }\n": typeof types.LetterDocument,
    "\n  mutation Requeue($input: RequeueDeadLetterInput!) {\n    requeueDeadLetter(input: $input) {\n      __typename\n      ...Refused\n    }\n  }\n": typeof types.RequeueDocument,
    "\n  mutation Edit($input: EditDeadLetterInput!) {\n    editDeadLetter(input: $input) {\n      __typename\n      ...Refused\n    }\n  }\n": typeof types.EditDocument,
    "\n  mutation Discard($input: DiscardDeadLetterInput!) {\n    discardDeadLetter(input: $input) {\n      __typename\n      ...Refused\n    }\n  }\n": typeof types.DiscardDocument,
    "\n  mutation RequeueMany($input: RequeueDeadLettersInput!) {\n    requeueDeadLetters(input: $input) {\n      __typename\n      ... on RequeueDeadLettersSuccess {\n        count\n        left\n      }\n      ...Refused\n    }\n  }\n": typeof types.RequeueManyDocument,
    "\n  mutation DiscardMany($input: DiscardDeadLettersInput!) {\n    discardDeadLetters(input: $input) {\n      __typename\n      ... on DiscardDeadLettersSuccess {\n        count\n        left\n      }\n      ...Refused\n    }\n  }\n": typeof types.DiscardManyDocument,
};
const documents: Documents = {
    "\n  fragment Refused on HubError {\n    code\n    message\n  }\n": types.RefusedFragmentDoc,
    "\n  query Waiting {\n    quarantine(first: 100) {\n      edges {\n        node {\n          id\n          source\n        }\n      }\n      pageInfo {\n        hasNextPage\n      }\n    }\n    deadLetters(first: 100) {\n      edges {\n        node {\n          id\n          source\n        }\n      }\n      pageInfo {\n        hasNextPage\n      }\n    }\n  }\n": types.WaitingDocument,
    "\n  query Sources {\n    sources {\n      name\n      format\n      version\n      updatedAt\n      updatedBy\n      configuration\n      health {\n        state\n        since\n        lastHeardAt\n        lastFailedAt\n        problem\n        notBefore\n        withhold\n      }\n    }\n  }\n": types.SourcesDocument,
    "\n  query Deliveries($source: ID!, $state: [SourceDeliveryState!], $first: Int!) {\n    deliveries(source: $source, state: $state, first: $first) {\n      edges {\n        node {\n          id\n          senderId\n          receivedAt\n          mediaType\n          size\n          state\n          report {\n            accepted\n            duplicates\n            refused\n          }\n        }\n      }\n      pageInfo {\n        hasNextPage\n      }\n    }\n  }\n": types.DeliveriesDocument,
    "\n  query Delivery($id: ID!) {\n    delivery(id: $id) {\n      id\n      payload\n      size\n      report {\n        accepted\n        duplicates\n        refused\n        findings {\n          severity\n          code\n          problem\n          line\n          column\n        }\n      }\n    }\n  }\n": types.DeliveryDocument,
    "\n  query Quarantine($first: Int!) {\n    quarantine(first: $first) {\n      edges {\n        node {\n          id\n          source\n          name\n          rows\n          leftOut\n          refused\n          asOf\n          receivedAt\n          report {\n            rail\n            limit\n            actual\n            problem\n          }\n        }\n      }\n      pageInfo {\n        hasNextPage\n      }\n    }\n  }\n": types.QuarantineDocument,
    "\n  query SnapshotChanges($id: ID!, $first: Int!, $rail: String) {\n    snapshotChanges(id: $id, first: $first, rail: $rail) {\n      line\n      sku\n      location\n      before\n      after\n      itemExists\n    }\n  }\n": types.SnapshotChangesDocument,
    "\n  mutation Approve($input: ApproveSnapshotInput!) {\n    approveSnapshot(input: $input) {\n      __typename\n      ...Refused\n    }\n  }\n": types.ApproveDocument,
    "\n  mutation Reject($input: RejectSnapshotInput!) {\n    rejectSnapshot(input: $input) {\n      __typename\n      ...Refused\n    }\n  }\n": types.RejectDocument,
    "\n  query Letters($first: Int!, $filter: DeadLetterFilter, $state: [DeadLetterState!]) {\n    deadLetters(first: $first, filter: $filter, state: $state) {\n      edges {\n        node {\n          id\n          source\n          eventId\n          type\n          state\n          errorCode\n          error\n          attempts\n          failedAt\n        }\n      }\n      pageInfo {\n        hasNextPage\n      }\n    }\n  }\n": types.LettersDocument,
    "\n  query Letter($id: ID!) {\n    deadLetter(id: $id) {\n      id\n      source\n      eventId\n      type\n      state\n      payload\n      editedPayload\n      errorCode\n      error\n      attempts\n      receivedAt\n      failedAt\n      history {\n        step\n        at\n        actor\n        attempt\n        errorCode\n        error\n        reason\n      }\n    }\n  }\n": types.LetterDocument,
    "\n  mutation Requeue($input: RequeueDeadLetterInput!) {\n    requeueDeadLetter(input: $input) {\n      __typename\n      ...Refused\n    }\n  }\n": types.RequeueDocument,
    "\n  mutation Edit($input: EditDeadLetterInput!) {\n    editDeadLetter(input: $input) {\n      __typename\n      ...Refused\n    }\n  }\n": types.EditDocument,
    "\n  mutation Discard($input: DiscardDeadLetterInput!) {\n    discardDeadLetter(input: $input) {\n      __typename\n      ...Refused\n    }\n  }\n": types.DiscardDocument,
    "\n  mutation RequeueMany($input: RequeueDeadLettersInput!) {\n    requeueDeadLetters(input: $input) {\n      __typename\n      ... on RequeueDeadLettersSuccess {\n        count\n        left\n      }\n      ...Refused\n    }\n  }\n": types.RequeueManyDocument,
    "\n  mutation DiscardMany($input: DiscardDeadLettersInput!) {\n    discardDeadLetters(input: $input) {\n      __typename\n      ... on DiscardDeadLettersSuccess {\n        count\n        left\n      }\n      ...Refused\n    }\n  }\n": types.DiscardManyDocument,
};

/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 *
 *
 * @example
 * ```ts
 * const query = graphql(`query GetUser($id: ID!) { user(id: $id) { name } }`);
 * ```
 *
 * The query argument is unknown!
 * Please regenerate the types.
 */
export function graphql(source: string): unknown;

/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  fragment Refused on HubError {\n    code\n    message\n  }\n"): (typeof documents)["\n  fragment Refused on HubError {\n    code\n    message\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query Waiting {\n    quarantine(first: 100) {\n      edges {\n        node {\n          id\n          source\n        }\n      }\n      pageInfo {\n        hasNextPage\n      }\n    }\n    deadLetters(first: 100) {\n      edges {\n        node {\n          id\n          source\n        }\n      }\n      pageInfo {\n        hasNextPage\n      }\n    }\n  }\n"): (typeof documents)["\n  query Waiting {\n    quarantine(first: 100) {\n      edges {\n        node {\n          id\n          source\n        }\n      }\n      pageInfo {\n        hasNextPage\n      }\n    }\n    deadLetters(first: 100) {\n      edges {\n        node {\n          id\n          source\n        }\n      }\n      pageInfo {\n        hasNextPage\n      }\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query Sources {\n    sources {\n      name\n      format\n      version\n      updatedAt\n      updatedBy\n      configuration\n      health {\n        state\n        since\n        lastHeardAt\n        lastFailedAt\n        problem\n        notBefore\n        withhold\n      }\n    }\n  }\n"): (typeof documents)["\n  query Sources {\n    sources {\n      name\n      format\n      version\n      updatedAt\n      updatedBy\n      configuration\n      health {\n        state\n        since\n        lastHeardAt\n        lastFailedAt\n        problem\n        notBefore\n        withhold\n      }\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query Deliveries($source: ID!, $state: [SourceDeliveryState!], $first: Int!) {\n    deliveries(source: $source, state: $state, first: $first) {\n      edges {\n        node {\n          id\n          senderId\n          receivedAt\n          mediaType\n          size\n          state\n          report {\n            accepted\n            duplicates\n            refused\n          }\n        }\n      }\n      pageInfo {\n        hasNextPage\n      }\n    }\n  }\n"): (typeof documents)["\n  query Deliveries($source: ID!, $state: [SourceDeliveryState!], $first: Int!) {\n    deliveries(source: $source, state: $state, first: $first) {\n      edges {\n        node {\n          id\n          senderId\n          receivedAt\n          mediaType\n          size\n          state\n          report {\n            accepted\n            duplicates\n            refused\n          }\n        }\n      }\n      pageInfo {\n        hasNextPage\n      }\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query Delivery($id: ID!) {\n    delivery(id: $id) {\n      id\n      payload\n      size\n      report {\n        accepted\n        duplicates\n        refused\n        findings {\n          severity\n          code\n          problem\n          line\n          column\n        }\n      }\n    }\n  }\n"): (typeof documents)["\n  query Delivery($id: ID!) {\n    delivery(id: $id) {\n      id\n      payload\n      size\n      report {\n        accepted\n        duplicates\n        refused\n        findings {\n          severity\n          code\n          problem\n          line\n          column\n        }\n      }\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query Quarantine($first: Int!) {\n    quarantine(first: $first) {\n      edges {\n        node {\n          id\n          source\n          name\n          rows\n          leftOut\n          refused\n          asOf\n          receivedAt\n          report {\n            rail\n            limit\n            actual\n            problem\n          }\n        }\n      }\n      pageInfo {\n        hasNextPage\n      }\n    }\n  }\n"): (typeof documents)["\n  query Quarantine($first: Int!) {\n    quarantine(first: $first) {\n      edges {\n        node {\n          id\n          source\n          name\n          rows\n          leftOut\n          refused\n          asOf\n          receivedAt\n          report {\n            rail\n            limit\n            actual\n            problem\n          }\n        }\n      }\n      pageInfo {\n        hasNextPage\n      }\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query SnapshotChanges($id: ID!, $first: Int!, $rail: String) {\n    snapshotChanges(id: $id, first: $first, rail: $rail) {\n      line\n      sku\n      location\n      before\n      after\n      itemExists\n    }\n  }\n"): (typeof documents)["\n  query SnapshotChanges($id: ID!, $first: Int!, $rail: String) {\n    snapshotChanges(id: $id, first: $first, rail: $rail) {\n      line\n      sku\n      location\n      before\n      after\n      itemExists\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation Approve($input: ApproveSnapshotInput!) {\n    approveSnapshot(input: $input) {\n      __typename\n      ...Refused\n    }\n  }\n"): (typeof documents)["\n  mutation Approve($input: ApproveSnapshotInput!) {\n    approveSnapshot(input: $input) {\n      __typename\n      ...Refused\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation Reject($input: RejectSnapshotInput!) {\n    rejectSnapshot(input: $input) {\n      __typename\n      ...Refused\n    }\n  }\n"): (typeof documents)["\n  mutation Reject($input: RejectSnapshotInput!) {\n    rejectSnapshot(input: $input) {\n      __typename\n      ...Refused\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query Letters($first: Int!, $filter: DeadLetterFilter, $state: [DeadLetterState!]) {\n    deadLetters(first: $first, filter: $filter, state: $state) {\n      edges {\n        node {\n          id\n          source\n          eventId\n          type\n          state\n          errorCode\n          error\n          attempts\n          failedAt\n        }\n      }\n      pageInfo {\n        hasNextPage\n      }\n    }\n  }\n"): (typeof documents)["\n  query Letters($first: Int!, $filter: DeadLetterFilter, $state: [DeadLetterState!]) {\n    deadLetters(first: $first, filter: $filter, state: $state) {\n      edges {\n        node {\n          id\n          source\n          eventId\n          type\n          state\n          errorCode\n          error\n          attempts\n          failedAt\n        }\n      }\n      pageInfo {\n        hasNextPage\n      }\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query Letter($id: ID!) {\n    deadLetter(id: $id) {\n      id\n      source\n      eventId\n      type\n      state\n      payload\n      editedPayload\n      errorCode\n      error\n      attempts\n      receivedAt\n      failedAt\n      history {\n        step\n        at\n        actor\n        attempt\n        errorCode\n        error\n        reason\n      }\n    }\n  }\n"): (typeof documents)["\n  query Letter($id: ID!) {\n    deadLetter(id: $id) {\n      id\n      source\n      eventId\n      type\n      state\n      payload\n      editedPayload\n      errorCode\n      error\n      attempts\n      receivedAt\n      failedAt\n      history {\n        step\n        at\n        actor\n        attempt\n        errorCode\n        error\n        reason\n      }\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation Requeue($input: RequeueDeadLetterInput!) {\n    requeueDeadLetter(input: $input) {\n      __typename\n      ...Refused\n    }\n  }\n"): (typeof documents)["\n  mutation Requeue($input: RequeueDeadLetterInput!) {\n    requeueDeadLetter(input: $input) {\n      __typename\n      ...Refused\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation Edit($input: EditDeadLetterInput!) {\n    editDeadLetter(input: $input) {\n      __typename\n      ...Refused\n    }\n  }\n"): (typeof documents)["\n  mutation Edit($input: EditDeadLetterInput!) {\n    editDeadLetter(input: $input) {\n      __typename\n      ...Refused\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation Discard($input: DiscardDeadLetterInput!) {\n    discardDeadLetter(input: $input) {\n      __typename\n      ...Refused\n    }\n  }\n"): (typeof documents)["\n  mutation Discard($input: DiscardDeadLetterInput!) {\n    discardDeadLetter(input: $input) {\n      __typename\n      ...Refused\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation RequeueMany($input: RequeueDeadLettersInput!) {\n    requeueDeadLetters(input: $input) {\n      __typename\n      ... on RequeueDeadLettersSuccess {\n        count\n        left\n      }\n      ...Refused\n    }\n  }\n"): (typeof documents)["\n  mutation RequeueMany($input: RequeueDeadLettersInput!) {\n    requeueDeadLetters(input: $input) {\n      __typename\n      ... on RequeueDeadLettersSuccess {\n        count\n        left\n      }\n      ...Refused\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation DiscardMany($input: DiscardDeadLettersInput!) {\n    discardDeadLetters(input: $input) {\n      __typename\n      ... on DiscardDeadLettersSuccess {\n        count\n        left\n      }\n      ...Refused\n    }\n  }\n"): (typeof documents)["\n  mutation DiscardMany($input: DiscardDeadLettersInput!) {\n    discardDeadLetters(input: $input) {\n      __typename\n      ... on DiscardDeadLettersSuccess {\n        count\n        left\n      }\n      ...Refused\n    }\n  }\n"];

export function graphql(source: string) {
  return (documents as any)[source] ?? {};
}

export type DocumentType<TDocumentNode extends DocumentNode<any, any>> = TDocumentNode extends DocumentNode<  infer TType,  any>  ? TType  : never;