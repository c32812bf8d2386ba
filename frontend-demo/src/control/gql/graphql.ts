/* eslint-disable */
/** Internal type. DO NOT USE DIRECTLY. */
type Exact<T extends { [key: string]: unknown }> = { [K in keyof T]: T[K] };
/** Internal type. DO NOT USE DIRECTLY. */
export type Incremental<T> = T | { [P in keyof T]?: P extends ' $fragmentName' | '__typename' ? T[P] : never };
import type { TypedDocumentNode as DocumentNode } from '@graphql-typed-document-node/core';
/** A snapshot that a person has looked at and believes. */
export type ApproveSnapshotInput = {
  /** The snapshot. */
  id: string | number;
  /** A key of your choice, 1 to 255 characters. The same key with the same input gives the same answer again and does nothing twice; keep it when you try again. */
  idempotencyKey?: string | null | undefined;
};

/** Which dead letters: all that is given must hold. */
export type DeadLetterFilter = {
  /** That failed so. */
  errorCode?: string | null | undefined;
  /** That failed at this time or later. */
  failedFrom?: string | null | undefined;
  /** That failed before this time. */
  failedTo?: string | null | undefined;
  /** Of this sender. */
  source?: string | number | null | undefined;
  /** Events of this type. */
  type?: string | null | undefined;
};

/** Where an event stands that was a dead letter once. */
export type DeadLetterState =
  /** It has taken effect. */
  | 'APPLIED'
  /** It could not be worked, and waits for a person. */
  | 'DEAD'
  /** Somebody has decided that it is never worked. */
  | 'DISCARDED'
  /** It was put back, and is to be worked. */
  | 'PENDING'
  /** It was worked and changed nothing, as what is newer was known. */
  | 'SUPERSEDED';

/** What happened to an event. */
export type DeadLetterStep =
  /** It was tried and has taken effect. */
  | 'APPLIED'
  /** Somebody ended it. */
  | 'DISCARDED'
  /** Somebody gave it another payload. */
  | 'EDITED'
  /** It was tried and became a dead letter. */
  | 'FAILED'
  /** It had to wait behind another event of its key, so it was not tried. */
  | 'HELD'
  /** A replay of the inbox put it back. */
  | 'REPLAYED'
  /** Somebody put it back. */
  | 'REQUEUED'
  /** It was tried and came too early, so it is tried again. */
  | 'RETRIED'
  /** It was tried and changed nothing, as what is newer was known. */
  | 'SUPERSEDED';

/** A dead letter that is never to be worked. */
export type DiscardDeadLetterInput = {
  /** The dead letter. */
  id: string | number;
  /** A key of your choice, 1 to 255 characters. The same key with the same input gives the same answer again and does nothing twice; keep it when you try again. */
  idempotencyKey?: string | null | undefined;
  /** Why, for whoever looks at it later: one line. */
  reason: string;
};

/** Dead letters that are never to be worked. */
export type DiscardDeadLettersInput = {
  /** Which ones; all of them for an empty filter. */
  filter: DeadLetterFilter;
  /** A key of your choice, 1 to 255 characters. The same key with the same input gives the same answer again and does nothing twice; keep it when you try again. */
  idempotencyKey?: string | null | undefined;
  /** How many at most, the oldest first: 1 to 10000. */
  most?: number;
  /** Why, for whoever looks at it later: one line. */
  reason: string;
};

/** A dead letter to be worked by another payload. */
export type EditDeadLetterInput = {
  /** The dead letter. */
  id: string | number;
  /** A key of your choice, 1 to 255 characters. The same key with the same input gives the same answer again and does nothing twice; keep it when you try again. */
  idempotencyKey?: string | null | undefined;
  /** The whole event as it should have been, with the id that it has. The one that came is kept beside it, and is still a duplicate when its sender sends it again. */
  payload: unknown;
};

/** A snapshot that a person has looked at and does not believe. */
export type RejectSnapshotInput = {
  /** The snapshot. */
  id: string | number;
  /** A key of your choice, 1 to 255 characters. The same key with the same input gives the same answer again and does nothing twice; keep it when you try again. */
  idempotencyKey?: string | null | undefined;
  /** Why, in one line, for those who ask later. */
  reason: string;
};

/** A dead letter to be worked again as it is. */
export type RequeueDeadLetterInput = {
  /** The dead letter. */
  id: string | number;
  /** A key of your choice, 1 to 255 characters. The same key with the same input gives the same answer again and does nothing twice; keep it when you try again. */
  idempotencyKey?: string | null | undefined;
};

/** Dead letters to be worked again as they are. */
export type RequeueDeadLettersInput = {
  /** Which ones; all of them for an empty filter. */
  filter: DeadLetterFilter;
  /** A key of your choice, 1 to 255 characters. The same key with the same input gives the same answer again and does nothing twice; keep it when you try again. */
  idempotencyKey?: string | null | undefined;
  /** How many at most, the oldest first: 1 to 10000. */
  most?: number;
};

/** What became of a delivery of a source as a whole. */
export type SourceDeliveryState =
  /** What could be read is in the inbox or a snapshot; its report tells the rest. */
  | 'ACCEPTED'
  /** Nothing of it is in the inbox. It is kept, and can be replayed. */
  | 'REFUSED';

/** How a source is doing. Of what is the matter with it, the worst counts. */
export type SourceState =
  /** It has failed so often that it is asked seldom. */
  | 'CIRCUIT_OPEN'
  /** Its newest snapshot is in quarantine: what it told last was not believed. */
  | 'DOUBTFUL'
  /** What it sends or answers can not be used, or it does not answer: at least twice in a row. */
  | 'FAILING'
  /** It is heard as often as is expected of it, or nothing says how often that is. */
  | 'FRESH'
  /** It is silent for longer than is expected. */
  | 'LATE'
  /** It is silent for so long that what it told is believed no more. */
  | 'STALE'
  /** Nothing was heard of it yet, and nothing is owed. */
  | 'WAITING';

type Refused_AlertNotFound_Fragment = { __typename: 'AlertNotFound', code: string, message: string };

type Refused_DeadLetterNotFound_Fragment = { __typename: 'DeadLetterNotFound', code: string, message: string };

type Refused_DeadLetterSettled_Fragment = { __typename: 'DeadLetterSettled', code: string, message: string };

type Refused_DeliveryNotFound_Fragment = { __typename: 'DeliveryNotFound', code: string, message: string };

type Refused_HoldLimitReached_Fragment = { __typename: 'HoldLimitReached', code: string, message: string };

type Refused_IdempotencyInProgress_Fragment = { __typename: 'IdempotencyInProgress', code: string, message: string };

type Refused_IdempotencyMismatch_Fragment = { __typename: 'IdempotencyMismatch', code: string, message: string };

type Refused_InsufficientStock_Fragment = { __typename: 'InsufficientStock', code: string, message: string };

type Refused_InvalidInput_Fragment = { __typename: 'InvalidInput', code: string, message: string };

type Refused_IsKit_Fragment = { __typename: 'IsKit', code: string, message: string };

type Refused_NotApplied_Fragment = { __typename: 'NotApplied', code: string, message: string };

type Refused_NoticeLimitReached_Fragment = { __typename: 'NoticeLimitReached', code: string, message: string };

type Refused_NoticeNotFound_Fragment = { __typename: 'NoticeNotFound', code: string, message: string };

type Refused_ReconciliationNotFound_Fragment = { __typename: 'ReconciliationNotFound', code: string, message: string };

type Refused_ReservationEnded_Fragment = { __typename: 'ReservationEnded', code: string, message: string };

type Refused_ReservationLineMismatch_Fragment = { __typename: 'ReservationLineMismatch', code: string, message: string };

type Refused_ReservationNotFound_Fragment = { __typename: 'ReservationNotFound', code: string, message: string };

type Refused_SnapshotNotFound_Fragment = { __typename: 'SnapshotNotFound', code: string, message: string };

type Refused_SnapshotNotQuarantined_Fragment = { __typename: 'SnapshotNotQuarantined', code: string, message: string };

type Refused_SourceChanged_Fragment = { __typename: 'SourceChanged', code: string, message: string };

type Refused_SourceNotFound_Fragment = { __typename: 'SourceNotFound', code: string, message: string };

type Refused_StockConflict_Fragment = { __typename: 'StockConflict', code: string, message: string };

type Refused_Unavailable_Fragment = { __typename: 'Unavailable', code: string, message: string };

type Refused_UnknownChannel_Fragment = { __typename: 'UnknownChannel', code: string, message: string };

type Refused_UnknownLocation_Fragment = { __typename: 'UnknownLocation', code: string, message: string };

type Refused_UnknownOrder_Fragment = { __typename: 'UnknownOrder', code: string, message: string };

type Refused_UnknownSku_Fragment = { __typename: 'UnknownSku', code: string, message: string };

type Refused_UnknownSupply_Fragment = { __typename: 'UnknownSupply', code: string, message: string };

type Refused_VersionConflict_Fragment = { __typename: 'VersionConflict', code: string, message: string };

type Refused_WebhookDisabled_Fragment = { __typename: 'WebhookDisabled', code: string, message: string };

type Refused_WebhookNotFound_Fragment = { __typename: 'WebhookNotFound', code: string, message: string };

export type RefusedFragment =
  | Refused_AlertNotFound_Fragment
  | Refused_DeadLetterNotFound_Fragment
  | Refused_DeadLetterSettled_Fragment
  | Refused_DeliveryNotFound_Fragment
  | Refused_HoldLimitReached_Fragment
  | Refused_IdempotencyInProgress_Fragment
  | Refused_IdempotencyMismatch_Fragment
  | Refused_InsufficientStock_Fragment
  | Refused_InvalidInput_Fragment
  | Refused_IsKit_Fragment
  | Refused_NotApplied_Fragment
  | Refused_NoticeLimitReached_Fragment
  | Refused_NoticeNotFound_Fragment
  | Refused_ReconciliationNotFound_Fragment
  | Refused_ReservationEnded_Fragment
  | Refused_ReservationLineMismatch_Fragment
  | Refused_ReservationNotFound_Fragment
  | Refused_SnapshotNotFound_Fragment
  | Refused_SnapshotNotQuarantined_Fragment
  | Refused_SourceChanged_Fragment
  | Refused_SourceNotFound_Fragment
  | Refused_StockConflict_Fragment
  | Refused_Unavailable_Fragment
  | Refused_UnknownChannel_Fragment
  | Refused_UnknownLocation_Fragment
  | Refused_UnknownOrder_Fragment
  | Refused_UnknownSku_Fragment
  | Refused_UnknownSupply_Fragment
  | Refused_VersionConflict_Fragment
  | Refused_WebhookDisabled_Fragment
  | Refused_WebhookNotFound_Fragment
;

export type WaitingQueryVariables = Exact<{ [key: string]: never; }>;


export type WaitingQuery = { __typename: 'Query', quarantine: { __typename: 'StockSnapshotConnection', edges: Array<{ __typename: 'StockSnapshotEdge', node: { __typename: 'StockSnapshot', id: string, source: string } }>, pageInfo: { __typename: 'PageInfo', hasNextPage: boolean } }, deadLetters: { __typename: 'DeadLetterConnection', edges: Array<{ __typename: 'DeadLetterEdge', node: { __typename: 'DeadLetter', id: string, source: string } }>, pageInfo: { __typename: 'PageInfo', hasNextPage: boolean } } };

export type SourcesQueryVariables = Exact<{ [key: string]: never; }>;


export type SourcesQuery = { __typename: 'Query', sources: Array<{ __typename: 'Source', name: string, format: string, version: number, updatedAt: string, updatedBy: string, configuration: unknown, health: { __typename: 'SourceHealth', state: SourceState, since: string, lastHeardAt: string | null, lastFailedAt: string | null, problem: string | null, notBefore: string | null, withhold: string | null } | null }> };

export type DeliveriesQueryVariables = Exact<{
  source: string | number;
  state?: Array<SourceDeliveryState> | SourceDeliveryState | null | undefined;
  first: number;
}>;


export type DeliveriesQuery = { __typename: 'Query', deliveries: { __typename: 'SourceDeliveryConnection', edges: Array<{ __typename: 'SourceDeliveryEdge', node: { __typename: 'SourceDelivery', id: string, senderId: string | null, receivedAt: string, mediaType: string, size: number, state: SourceDeliveryState, report: { __typename: 'DeliveryReport', accepted: number, duplicates: number, refused: number } } }>, pageInfo: { __typename: 'PageInfo', hasNextPage: boolean } } };

export type DeliveryQueryVariables = Exact<{
  id: string | number;
}>;


export type DeliveryQuery = { __typename: 'Query', delivery: { __typename: 'SourceDelivery', id: string, payload: string, size: number, report: { __typename: 'DeliveryReport', accepted: number, duplicates: number, refused: number, findings: Array<{ __typename: 'DeliveryFinding', severity: string, code: string, problem: string, line: number | null, column: string | null }> } } | null };

export type QuarantineQueryVariables = Exact<{
  first: number;
}>;


export type QuarantineQuery = { __typename: 'Query', quarantine: { __typename: 'StockSnapshotConnection', edges: Array<{ __typename: 'StockSnapshotEdge', node: { __typename: 'StockSnapshot', id: string, source: string, name: string, rows: number, leftOut: number, refused: number, asOf: string | null, receivedAt: string, report: Array<{ __typename: 'TrippedGuardRail', rail: string, limit: number, actual: number, problem: string }> } }>, pageInfo: { __typename: 'PageInfo', hasNextPage: boolean } } };

export type SnapshotChangesQueryVariables = Exact<{
  id: string | number;
  first: number;
  rail?: string | null | undefined;
}>;


export type SnapshotChangesQuery = { __typename: 'Query', snapshotChanges: Array<{ __typename: 'SnapshotChange', line: number, sku: string, location: string, before: number | null, after: number, itemExists: boolean }> };

export type ApproveMutationVariables = Exact<{
  input: ApproveSnapshotInput;
}>;


export type ApproveMutation = { __typename: 'Mutation', approveSnapshot:
    | { __typename: 'ApproveSnapshotSuccess' }
    | { __typename: 'IdempotencyInProgress', code: string, message: string }
    | { __typename: 'IdempotencyMismatch', code: string, message: string }
    | { __typename: 'InvalidInput', code: string, message: string }
    | { __typename: 'SnapshotNotFound', code: string, message: string }
    | { __typename: 'SnapshotNotQuarantined', code: string, message: string }
   };

export type RejectMutationVariables = Exact<{
  input: RejectSnapshotInput;
}>;


export type RejectMutation = { __typename: 'Mutation', rejectSnapshot:
    | { __typename: 'IdempotencyInProgress', code: string, message: string }
    | { __typename: 'IdempotencyMismatch', code: string, message: string }
    | { __typename: 'InvalidInput', code: string, message: string }
    | { __typename: 'RejectSnapshotSuccess' }
    | { __typename: 'SnapshotNotFound', code: string, message: string }
    | { __typename: 'SnapshotNotQuarantined', code: string, message: string }
   };

export type LettersQueryVariables = Exact<{
  first: number;
  filter?: DeadLetterFilter | null | undefined;
  state?: Array<DeadLetterState> | DeadLetterState | null | undefined;
}>;


export type LettersQuery = { __typename: 'Query', deadLetters: { __typename: 'DeadLetterConnection', edges: Array<{ __typename: 'DeadLetterEdge', node: { __typename: 'DeadLetter', id: string, source: string, eventId: string, type: string, state: DeadLetterState, errorCode: string, error: string, attempts: number, failedAt: string } }>, pageInfo: { __typename: 'PageInfo', hasNextPage: boolean } } };

export type LetterQueryVariables = Exact<{
  id: string | number;
}>;


export type LetterQuery = { __typename: 'Query', deadLetter: { __typename: 'DeadLetter', id: string, source: string, eventId: string, type: string, state: DeadLetterState, payload: unknown, editedPayload: unknown, errorCode: string, error: string, attempts: number, receivedAt: string, failedAt: string, history: Array<{ __typename: 'DeadLetterHistoryEntry', step: DeadLetterStep, at: string, actor: string, attempt: number | null, errorCode: string | null, error: string | null, reason: string | null }> } | null };

export type RequeueMutationVariables = Exact<{
  input: RequeueDeadLetterInput;
}>;


export type RequeueMutation = { __typename: 'Mutation', requeueDeadLetter:
    | { __typename: 'DeadLetterNotFound', code: string, message: string }
    | { __typename: 'DeadLetterSettled', code: string, message: string }
    | { __typename: 'IdempotencyInProgress', code: string, message: string }
    | { __typename: 'IdempotencyMismatch', code: string, message: string }
    | { __typename: 'InvalidInput', code: string, message: string }
    | { __typename: 'RequeueDeadLetterSuccess' }
   };

export type EditMutationVariables = Exact<{
  input: EditDeadLetterInput;
}>;


export type EditMutation = { __typename: 'Mutation', editDeadLetter:
    | { __typename: 'DeadLetterNotFound', code: string, message: string }
    | { __typename: 'DeadLetterSettled', code: string, message: string }
    | { __typename: 'EditDeadLetterSuccess' }
    | { __typename: 'IdempotencyInProgress', code: string, message: string }
    | { __typename: 'IdempotencyMismatch', code: string, message: string }
    | { __typename: 'InvalidInput', code: string, message: string }
   };

export type DiscardMutationVariables = Exact<{
  input: DiscardDeadLetterInput;
}>;


export type DiscardMutation = { __typename: 'Mutation', discardDeadLetter:
    | { __typename: 'DeadLetterNotFound', code: string, message: string }
    | { __typename: 'DeadLetterSettled', code: string, message: string }
    | { __typename: 'DiscardDeadLetterSuccess' }
    | { __typename: 'IdempotencyInProgress', code: string, message: string }
    | { __typename: 'IdempotencyMismatch', code: string, message: string }
    | { __typename: 'InvalidInput', code: string, message: string }
   };

export type RequeueManyMutationVariables = Exact<{
  input: RequeueDeadLettersInput;
}>;


export type RequeueManyMutation = { __typename: 'Mutation', requeueDeadLetters:
    | { __typename: 'IdempotencyInProgress', code: string, message: string }
    | { __typename: 'IdempotencyMismatch', code: string, message: string }
    | { __typename: 'InvalidInput', code: string, message: string }
    | { __typename: 'RequeueDeadLettersSuccess', count: number, left: number }
   };

export type DiscardManyMutationVariables = Exact<{
  input: DiscardDeadLettersInput;
}>;


export type DiscardManyMutation = { __typename: 'Mutation', discardDeadLetters:
    | { __typename: 'DiscardDeadLettersSuccess', count: number, left: number }
    | { __typename: 'IdempotencyInProgress', code: string, message: string }
    | { __typename: 'IdempotencyMismatch', code: string, message: string }
    | { __typename: 'InvalidInput', code: string, message: string }
   };

export const RefusedFragmentDoc = {"kind":"Document","definitions":[{"kind":"FragmentDefinition","name":{"kind":"Name","value":"Refused"},"typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"HubError"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"__typename"}},{"kind":"Field","name":{"kind":"Name","value":"code"}},{"kind":"Field","name":{"kind":"Name","value":"message"}}]}}]} as unknown as DocumentNode<RefusedFragment, unknown>;
export const WaitingDocument = {"__meta__":{"hash":"sha256:030e1fa29320149f04198a8b5223c8d78505dc66276bfc8f8bea1e3cc9ebc4ae"},"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"query","name":{"kind":"Name","value":"Waiting"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"__typename"}},{"kind":"Field","name":{"kind":"Name","value":"quarantine"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"first"},"value":{"kind":"IntValue","value":"100"}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"__typename"}},{"kind":"Field","name":{"kind":"Name","value":"edges"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"__typename"}},{"kind":"Field","name":{"kind":"Name","value":"node"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"__typename"}},{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"source"}}]}}]}},{"kind":"Field","name":{"kind":"Name","value":"pageInfo"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"__typename"}},{"kind":"Field","name":{"kind":"Name","value":"hasNextPage"}}]}}]}},{"kind":"Field","name":{"kind":"Name","value":"deadLetters"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"first"},"value":{"kind":"IntValue","value":"100"}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"__typename"}},{"kind":"Field","name":{"kind":"Name","value":"edges"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"__typename"}},{"kind":"Field","name":{"kind":"Name","value":"node"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"__typename"}},{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"source"}}]}}]}},{"kind":"Field","name":{"kind":"Name","value":"pageInfo"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"__typename"}},{"kind":"Field","name":{"kind":"Name","value":"hasNextPage"}}]}}]}}]}}]} as unknown as DocumentNode<WaitingQuery, WaitingQueryVariables>;
export const SourcesDocument = {"__meta__":{"hash":"sha256:5521c6959100018663a4b7b2b53ced105c3b200408a56984786688e6c3cff9b1"},"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"query","name":{"kind":"Name","value":"Sources"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"__typename"}},{"kind":"Field","name":{"kind":"Name","value":"sources"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"__typename"}},{"kind":"Field","name":{"kind":"Name","value":"name"}},{"kind":"Field","name":{"kind":"Name","value":"format"}},{"kind":"Field","name":{"kind":"Name","value":"version"}},{"kind":"Field","name":{"kind":"Name","value":"updatedAt"}},{"kind":"Field","name":{"kind":"Name","value":"updatedBy"}},{"kind":"Field","name":{"kind":"Name","value":"configuration"}},{"kind":"Field","name":{"kind":"Name","value":"health"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"__typename"}},{"kind":"Field","name":{"kind":"Name","value":"state"}},{"kind":"Field","name":{"kind":"Name","value":"since"}},{"kind":"Field","name":{"kind":"Name","value":"lastHeardAt"}},{"kind":"Field","name":{"kind":"Name","value":"lastFailedAt"}},{"kind":"Field","name":{"kind":"Name","value":"problem"}},{"kind":"Field","name":{"kind":"Name","value":"notBefore"}},{"kind":"Field","name":{"kind":"Name","value":"withhold"}}]}}]}}]}}]} as unknown as DocumentNode<SourcesQuery, SourcesQueryVariables>;
export const DeliveriesDocument = {"__meta__":{"hash":"sha256:d3754a6c0c61726dd88c6006a89708d48f8daec47d92c9b00d405d7f28298481"},"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"query","name":{"kind":"Name","value":"Deliveries"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"source"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"ID"}}}},{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"state"}},"type":{"kind":"ListType","type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"SourceDeliveryState"}}}}},{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"first"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"Int"}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"__typename"}},{"kind":"Field","name":{"kind":"Name","value":"deliveries"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"source"},"value":{"kind":"Variable","name":{"kind":"Name","value":"source"}}},{"kind":"Argument","name":{"kind":"Name","value":"state"},"value":{"kind":"Variable","name":{"kind":"Name","value":"state"}}},{"kind":"Argument","name":{"kind":"Name","value":"first"},"value":{"kind":"Variable","name":{"kind":"Name","value":"first"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"__typename"}},{"kind":"Field","name":{"kind":"Name","value":"edges"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"__typename"}},{"kind":"Field","name":{"kind":"Name","value":"node"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"__typename"}},{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"senderId"}},{"kind":"Field","name":{"kind":"Name","value":"receivedAt"}},{"kind":"Field","name":{"kind":"Name","value":"mediaType"}},{"kind":"Field","name":{"kind":"Name","value":"size"}},{"kind":"Field","name":{"kind":"Name","value":"state"}},{"kind":"Field","name":{"kind":"Name","value":"report"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"__typename"}},{"kind":"Field","name":{"kind":"Name","value":"accepted"}},{"kind":"Field","name":{"kind":"Name","value":"duplicates"}},{"kind":"Field","name":{"kind":"Name","value":"refused"}}]}}]}}]}},{"kind":"Field","name":{"kind":"Name","value":"pageInfo"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"__typename"}},{"kind":"Field","name":{"kind":"Name","value":"hasNextPage"}}]}}]}}]}}]} as unknown as DocumentNode<DeliveriesQuery, DeliveriesQueryVariables>;
export const DeliveryDocument = {"__meta__":{"hash":"sha256:19df6de408fb97d750929f977361d6dcc4c4726f3dbaecad1692e9d115ac204c"},"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"query","name":{"kind":"Name","value":"Delivery"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"id"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"ID"}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"__typename"}},{"kind":"Field","name":{"kind":"Name","value":"delivery"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"id"},"value":{"kind":"Variable","name":{"kind":"Name","value":"id"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"__typename"}},{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"payload"}},{"kind":"Field","name":{"kind":"Name","value":"size"}},{"kind":"Field","name":{"kind":"Name","value":"report"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"__typename"}},{"kind":"Field","name":{"kind":"Name","value":"accepted"}},{"kind":"Field","name":{"kind":"Name","value":"duplicates"}},{"kind":"Field","name":{"kind":"Name","value":"refused"}},{"kind":"Field","name":{"kind":"Name","value":"findings"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"__typename"}},{"kind":"Field","name":{"kind":"Name","value":"severity"}},{"kind":"Field","name":{"kind":"Name","value":"code"}},{"kind":"Field","name":{"kind":"Name","value":"problem"}},{"kind":"Field","name":{"kind":"Name","value":"line"}},{"kind":"Field","name":{"kind":"Name","value":"column"}}]}}]}}]}}]}}]} as unknown as DocumentNode<DeliveryQuery, DeliveryQueryVariables>;
export const QuarantineDocument = {"__meta__":{"hash":"sha256:c841b38eaedd7c79e02c175f7a32731c02346fd08de48cd0b313d19627897bc4"},"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"query","name":{"kind":"Name","value":"Quarantine"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"first"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"Int"}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"__typename"}},{"kind":"Field","name":{"kind":"Name","value":"quarantine"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"first"},"value":{"kind":"Variable","name":{"kind":"Name","value":"first"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"__typename"}},{"kind":"Field","name":{"kind":"Name","value":"edges"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"__typename"}},{"kind":"Field","name":{"kind":"Name","value":"node"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"__typename"}},{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"source"}},{"kind":"Field","name":{"kind":"Name","value":"name"}},{"kind":"Field","name":{"kind":"Name","value":"rows"}},{"kind":"Field","name":{"kind":"Name","value":"leftOut"}},{"kind":"Field","name":{"kind":"Name","value":"refused"}},{"kind":"Field","name":{"kind":"Name","value":"asOf"}},{"kind":"Field","name":{"kind":"Name","value":"receivedAt"}},{"kind":"Field","name":{"kind":"Name","value":"report"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"__typename"}},{"kind":"Field","name":{"kind":"Name","value":"rail"}},{"kind":"Field","name":{"kind":"Name","value":"limit"}},{"kind":"Field","name":{"kind":"Name","value":"actual"}},{"kind":"Field","name":{"kind":"Name","value":"problem"}}]}}]}}]}},{"kind":"Field","name":{"kind":"Name","value":"pageInfo"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"__typename"}},{"kind":"Field","name":{"kind":"Name","value":"hasNextPage"}}]}}]}}]}}]} as unknown as DocumentNode<QuarantineQuery, QuarantineQueryVariables>;
export const SnapshotChangesDocument = {"__meta__":{"hash":"sha256:34191b92840f6a82cd7335de29de446547920c1515331f1f2cf3aaaccd749125"},"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"query","name":{"kind":"Name","value":"SnapshotChanges"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"id"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"ID"}}}},{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"first"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"Int"}}}},{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"rail"}},"type":{"kind":"NamedType","name":{"kind":"Name","value":"String"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"__typename"}},{"kind":"Field","name":{"kind":"Name","value":"snapshotChanges"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"id"},"value":{"kind":"Variable","name":{"kind":"Name","value":"id"}}},{"kind":"Argument","name":{"kind":"Name","value":"first"},"value":{"kind":"Variable","name":{"kind":"Name","value":"first"}}},{"kind":"Argument","name":{"kind":"Name","value":"rail"},"value":{"kind":"Variable","name":{"kind":"Name","value":"rail"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"__typename"}},{"kind":"Field","name":{"kind":"Name","value":"line"}},{"kind":"Field","name":{"kind":"Name","value":"sku"}},{"kind":"Field","name":{"kind":"Name","value":"location"}},{"kind":"Field","name":{"kind":"Name","value":"before"}},{"kind":"Field","name":{"kind":"Name","value":"after"}},{"kind":"Field","name":{"kind":"Name","value":"itemExists"}}]}}]}}]} as unknown as DocumentNode<SnapshotChangesQuery, SnapshotChangesQueryVariables>;
export const ApproveDocument = {"__meta__":{"hash":"sha256:c85909da040ca5675cf223dd40818d9164a4d486ad0bcb9911d6130a326b28ab"},"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"mutation","name":{"kind":"Name","value":"Approve"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"input"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"ApproveSnapshotInput"}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"__typename"}},{"kind":"Field","name":{"kind":"Name","value":"approveSnapshot"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"input"},"value":{"kind":"Variable","name":{"kind":"Name","value":"input"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"__typename"}},{"kind":"FragmentSpread","name":{"kind":"Name","value":"Refused"}}]}}]}},{"kind":"FragmentDefinition","name":{"kind":"Name","value":"Refused"},"typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"HubError"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"__typename"}},{"kind":"Field","name":{"kind":"Name","value":"code"}},{"kind":"Field","name":{"kind":"Name","value":"message"}}]}}]} as unknown as DocumentNode<ApproveMutation, ApproveMutationVariables>;
export const RejectDocument = {"__meta__":{"hash":"sha256:758dfba27aae3fc9dcff58567bbcfbab72a4fad603a393c2f4f7e0001825569f"},"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"mutation","name":{"kind":"Name","value":"Reject"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"input"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"RejectSnapshotInput"}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"__typename"}},{"kind":"Field","name":{"kind":"Name","value":"rejectSnapshot"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"input"},"value":{"kind":"Variable","name":{"kind":"Name","value":"input"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"__typename"}},{"kind":"FragmentSpread","name":{"kind":"Name","value":"Refused"}}]}}]}},{"kind":"FragmentDefinition","name":{"kind":"Name","value":"Refused"},"typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"HubError"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"__typename"}},{"kind":"Field","name":{"kind":"Name","value":"code"}},{"kind":"Field","name":{"kind":"Name","value":"message"}}]}}]} as unknown as DocumentNode<RejectMutation, RejectMutationVariables>;
export const LettersDocument = {"__meta__":{"hash":"sha256:88e03d2383327279c7d485a1a64fd9866299e49e2b01b984e63a71dd3b6dce4a"},"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"query","name":{"kind":"Name","value":"Letters"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"first"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"Int"}}}},{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"filter"}},"type":{"kind":"NamedType","name":{"kind":"Name","value":"DeadLetterFilter"}}},{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"state"}},"type":{"kind":"ListType","type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"DeadLetterState"}}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"__typename"}},{"kind":"Field","name":{"kind":"Name","value":"deadLetters"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"first"},"value":{"kind":"Variable","name":{"kind":"Name","value":"first"}}},{"kind":"Argument","name":{"kind":"Name","value":"filter"},"value":{"kind":"Variable","name":{"kind":"Name","value":"filter"}}},{"kind":"Argument","name":{"kind":"Name","value":"state"},"value":{"kind":"Variable","name":{"kind":"Name","value":"state"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"__typename"}},{"kind":"Field","name":{"kind":"Name","value":"edges"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"__typename"}},{"kind":"Field","name":{"kind":"Name","value":"node"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"__typename"}},{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"source"}},{"kind":"Field","name":{"kind":"Name","value":"eventId"}},{"kind":"Field","name":{"kind":"Name","value":"type"}},{"kind":"Field","name":{"kind":"Name","value":"state"}},{"kind":"Field","name":{"kind":"Name","value":"errorCode"}},{"kind":"Field","name":{"kind":"Name","value":"error"}},{"kind":"Field","name":{"kind":"Name","value":"attempts"}},{"kind":"Field","name":{"kind":"Name","value":"failedAt"}}]}}]}},{"kind":"Field","name":{"kind":"Name","value":"pageInfo"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"__typename"}},{"kind":"Field","name":{"kind":"Name","value":"hasNextPage"}}]}}]}}]}}]} as unknown as DocumentNode<LettersQuery, LettersQueryVariables>;
export const LetterDocument = {"__meta__":{"hash":"sha256:50caef48771141cfee33084d7c7fb0f0f785c626e1116d41908aa9dffcc4f483"},"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"query","name":{"kind":"Name","value":"Letter"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"id"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"ID"}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"__typename"}},{"kind":"Field","name":{"kind":"Name","value":"deadLetter"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"id"},"value":{"kind":"Variable","name":{"kind":"Name","value":"id"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"__typename"}},{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"source"}},{"kind":"Field","name":{"kind":"Name","value":"eventId"}},{"kind":"Field","name":{"kind":"Name","value":"type"}},{"kind":"Field","name":{"kind":"Name","value":"state"}},{"kind":"Field","name":{"kind":"Name","value":"payload"}},{"kind":"Field","name":{"kind":"Name","value":"editedPayload"}},{"kind":"Field","name":{"kind":"Name","value":"errorCode"}},{"kind":"Field","name":{"kind":"Name","value":"error"}},{"kind":"Field","name":{"kind":"Name","value":"attempts"}},{"kind":"Field","name":{"kind":"Name","value":"receivedAt"}},{"kind":"Field","name":{"kind":"Name","value":"failedAt"}},{"kind":"Field","name":{"kind":"Name","value":"history"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"__typename"}},{"kind":"Field","name":{"kind":"Name","value":"step"}},{"kind":"Field","name":{"kind":"Name","value":"at"}},{"kind":"Field","name":{"kind":"Name","value":"actor"}},{"kind":"Field","name":{"kind":"Name","value":"attempt"}},{"kind":"Field","name":{"kind":"Name","value":"errorCode"}},{"kind":"Field","name":{"kind":"Name","value":"error"}},{"kind":"Field","name":{"kind":"Name","value":"reason"}}]}}]}}]}}]} as unknown as DocumentNode<LetterQuery, LetterQueryVariables>;
export const RequeueDocument = {"__meta__":{"hash":"sha256:12962bb88ba8024eb960b9cb633454470a13600ff09561248ccac462009c235c"},"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"mutation","name":{"kind":"Name","value":"Requeue"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"input"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"RequeueDeadLetterInput"}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"__typename"}},{"kind":"Field","name":{"kind":"Name","value":"requeueDeadLetter"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"input"},"value":{"kind":"Variable","name":{"kind":"Name","value":"input"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"__typename"}},{"kind":"FragmentSpread","name":{"kind":"Name","value":"Refused"}}]}}]}},{"kind":"FragmentDefinition","name":{"kind":"Name","value":"Refused"},"typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"HubError"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"__typename"}},{"kind":"Field","name":{"kind":"Name","value":"code"}},{"kind":"Field","name":{"kind":"Name","value":"message"}}]}}]} as unknown as DocumentNode<RequeueMutation, RequeueMutationVariables>;
export const EditDocument = {"__meta__":{"hash":"sha256:7d13709413f71bbf72b83ee7244f15799221ba89e22df39d5a6862299d1e04c3"},"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"mutation","name":{"kind":"Name","value":"Edit"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"input"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"EditDeadLetterInput"}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"__typename"}},{"kind":"Field","name":{"kind":"Name","value":"editDeadLetter"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"input"},"value":{"kind":"Variable","name":{"kind":"Name","value":"input"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"__typename"}},{"kind":"FragmentSpread","name":{"kind":"Name","value":"Refused"}}]}}]}},{"kind":"FragmentDefinition","name":{"kind":"Name","value":"Refused"},"typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"HubError"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"__typename"}},{"kind":"Field","name":{"kind":"Name","value":"code"}},{"kind":"Field","name":{"kind":"Name","value":"message"}}]}}]} as unknown as DocumentNode<EditMutation, EditMutationVariables>;
export const DiscardDocument = {"__meta__":{"hash":"sha256:cdaa1b542c0ae6ccbb31c0b7f0a7670878e21440cbb4c160cb779a72d87d7b06"},"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"mutation","name":{"kind":"Name","value":"Discard"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"input"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"DiscardDeadLetterInput"}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"__typename"}},{"kind":"Field","name":{"kind":"Name","value":"discardDeadLetter"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"input"},"value":{"kind":"Variable","name":{"kind":"Name","value":"input"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"__typename"}},{"kind":"FragmentSpread","name":{"kind":"Name","value":"Refused"}}]}}]}},{"kind":"FragmentDefinition","name":{"kind":"Name","value":"Refused"},"typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"HubError"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"__typename"}},{"kind":"Field","name":{"kind":"Name","value":"code"}},{"kind":"Field","name":{"kind":"Name","value":"message"}}]}}]} as unknown as DocumentNode<DiscardMutation, DiscardMutationVariables>;
export const RequeueManyDocument = {"__meta__":{"hash":"sha256:107e8c4e4e91c2c5627fd4f3cc75a547a3f11d96343722cdff548755afe662b9"},"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"mutation","name":{"kind":"Name","value":"RequeueMany"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"input"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"RequeueDeadLettersInput"}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"__typename"}},{"kind":"Field","name":{"kind":"Name","value":"requeueDeadLetters"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"input"},"value":{"kind":"Variable","name":{"kind":"Name","value":"input"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"__typename"}},{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"RequeueDeadLettersSuccess"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"__typename"}},{"kind":"Field","name":{"kind":"Name","value":"count"}},{"kind":"Field","name":{"kind":"Name","value":"left"}}]}},{"kind":"FragmentSpread","name":{"kind":"Name","value":"Refused"}}]}}]}},{"kind":"FragmentDefinition","name":{"kind":"Name","value":"Refused"},"typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"HubError"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"__typename"}},{"kind":"Field","name":{"kind":"Name","value":"code"}},{"kind":"Field","name":{"kind":"Name","value":"message"}}]}}]} as unknown as DocumentNode<RequeueManyMutation, RequeueManyMutationVariables>;
export const DiscardManyDocument = {"__meta__":{"hash":"sha256:7ee5a6fcd98015583b16385c657e227b3cd68bc09b3e3bb25fecd5fa006e8334"},"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"mutation","name":{"kind":"Name","value":"DiscardMany"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"input"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"DiscardDeadLettersInput"}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"__typename"}},{"kind":"Field","name":{"kind":"Name","value":"discardDeadLetters"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"input"},"value":{"kind":"Variable","name":{"kind":"Name","value":"input"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"__typename"}},{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"DiscardDeadLettersSuccess"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"__typename"}},{"kind":"Field","name":{"kind":"Name","value":"count"}},{"kind":"Field","name":{"kind":"Name","value":"left"}}]}},{"kind":"FragmentSpread","name":{"kind":"Name","value":"Refused"}}]}}]}},{"kind":"FragmentDefinition","name":{"kind":"Name","value":"Refused"},"typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"HubError"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"__typename"}},{"kind":"Field","name":{"kind":"Name","value":"code"}},{"kind":"Field","name":{"kind":"Name","value":"message"}}]}}]} as unknown as DocumentNode<DiscardManyMutation, DiscardManyMutationVariables>;