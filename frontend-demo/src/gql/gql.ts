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
    "\n  fragment StockLine on Availability {\n    sku\n    channel\n    quantity\n    band\n    status\n    version\n    asOf\n    nextSupplyAt\n    message {\n      code\n      text(locale: \"en-GB\")\n    }\n  }\n": typeof types.StockLineFragmentDoc,
    "\n  fragment StockDetail on Availability {\n    ...StockLine\n    limitingReason\n    limitingRule\n    components {\n      sku\n      perKit\n      availableToOrder\n    }\n    breakdown {\n      onHand\n      unavailable\n      allocated\n      reserved\n      backordered\n      safetyStock\n      availableToSell\n      availableToOrder\n      incoming\n      shortfall\n      locations {\n        location\n        onHand\n        unavailable\n        allocated\n        reserved\n        safetyStock\n        safetyStockRule\n        availableToSell\n        incoming\n        shortfall\n      }\n    }\n  }\n": typeof types.StockDetailFragmentDoc,
    "\n  fragment ItemStockLine on Item {\n    __typename\n    availability(scope: $scope) {\n      ...StockLine\n    }\n  }\n": typeof types.ItemStockLineFragmentDoc,
    "\n  fragment ItemStockDetail on Item {\n    __typename\n    availability(scope: $scope) {\n      ...StockDetail\n    }\n  }\n": typeof types.ItemStockDetailFragmentDoc,
    "\n  fragment ItemFacts on Item {\n    sku\n    name\n    family\n    category\n    unit\n    discontinued\n    attributes\n  }\n": typeof types.ItemFactsFragmentDoc,
    "\n  fragment Hold on Reservation {\n    id\n    state\n    channel\n    order\n    version\n    expiresAt\n    remainingSeconds\n    endedReason\n    lines {\n      sku\n      location\n      quantity\n      item {\n        ...ItemFacts\n      }\n    }\n  }\n": typeof types.HoldFragmentDoc,
    "\n  query Places {\n    unscoped: items(first: 1) {\n      edges {\n        cursor\n        node {\n          sku\n          availability {\n            channel\n            version\n            asOf\n          }\n        }\n      }\n    }\n    channels {\n      id\n      name\n      locale\n      currency\n      locations {\n        id\n        name\n        country\n      }\n    }\n  }\n": typeof types.PlacesDocument,
    "\n  query Items($first: Int!, $after: String, $filter: ItemFilter, $scope: ScopeInput) {\n    items(first: $first, after: $after, filter: $filter) {\n      totalCount\n      pageInfo {\n        hasNextPage\n        endCursor\n      }\n      edges {\n        cursor\n        node {\n          ...ItemFacts\n          ...ItemStockLine\n        }\n      }\n    }\n  }\n": typeof types.ItemsDocument,
    "\n  query Item($sku: ID!, $scope: ScopeInput) {\n    item(sku: $sku) {\n      ...ItemFacts\n      ...ItemStockDetail\n      variants(first: 100) {\n        ...ItemFacts\n        ...ItemStockDetail\n      }\n    }\n  }\n": typeof types.ItemDocument,
    "\n  subscription StockLines($skus: [ID!]!, $scope: ScopeInput) {\n    availability(skus: $skus, scope: $scope) {\n      kind\n      availability {\n        ...StockLine\n      }\n    }\n  }\n": typeof types.StockLinesDocument,
    "\n  subscription StockDetails($skus: [ID!]!, $scope: ScopeInput) {\n    availability(skus: $skus, scope: $scope) {\n      kind\n      availability {\n        ...StockDetail\n      }\n    }\n  }\n": typeof types.StockDetailsDocument,
    "\n  subscription HoldChanges($id: ID!) {\n    reservation(id: $id) {\n      ...Hold\n    }\n  }\n": typeof types.HoldChangesDocument,
    "\n  query HoldNow($id: ID!) {\n    reservation(id: $id) {\n      ...Hold\n    }\n  }\n": typeof types.HoldNowDocument,
    "\n  mutation Reserve($input: ReserveInput!) {\n    reserve(input: $input) {\n      __typename\n      ... on ReserveSuccess {\n        reservation {\n          ...Hold\n        }\n      }\n      ... on InsufficientStock {\n        lines {\n          sku\n          requested\n          available\n          band\n        }\n      }\n      ... on HubError {\n        code\n        message\n      }\n    }\n  }\n": typeof types.ReserveDocument,
    "\n  mutation Extend($input: ExtendReservationInput!) {\n    extendReservation(input: $input) {\n      __typename\n      ... on ExtendReservationSuccess {\n        reservation {\n          ...Hold\n        }\n      }\n      ... on HubError {\n        code\n        message\n      }\n    }\n  }\n": typeof types.ExtendDocument,
    "\n  mutation Commit($input: CommitReservationInput!) {\n    commitReservation(input: $input) {\n      __typename\n      ... on CommitReservationSuccess {\n        reservation {\n          ...Hold\n        }\n      }\n      ... on HubError {\n        code\n        message\n      }\n    }\n  }\n": typeof types.CommitDocument,
    "\n  mutation Release($input: ReleaseReservationInput!) {\n    releaseReservation(input: $input) {\n      __typename\n      ... on ReleaseReservationSuccess {\n        reservation {\n          ...Hold\n        }\n      }\n      ... on HubError {\n        code\n        message\n      }\n    }\n  }\n": typeof types.ReleaseDocument,
};
const documents: Documents = {
    "\n  fragment StockLine on Availability {\n    sku\n    channel\n    quantity\n    band\n    status\n    version\n    asOf\n    nextSupplyAt\n    message {\n      code\n      text(locale: \"en-GB\")\n    }\n  }\n": types.StockLineFragmentDoc,
    "\n  fragment StockDetail on Availability {\n    ...StockLine\n    limitingReason\n    limitingRule\n    components {\n      sku\n      perKit\n      availableToOrder\n    }\n    breakdown {\n      onHand\n      unavailable\n      allocated\n      reserved\n      backordered\n      safetyStock\n      availableToSell\n      availableToOrder\n      incoming\n      shortfall\n      locations {\n        location\n        onHand\n        unavailable\n        allocated\n        reserved\n        safetyStock\n        safetyStockRule\n        availableToSell\n        incoming\n        shortfall\n      }\n    }\n  }\n": types.StockDetailFragmentDoc,
    "\n  fragment ItemStockLine on Item {\n    __typename\n    availability(scope: $scope) {\n      ...StockLine\n    }\n  }\n": types.ItemStockLineFragmentDoc,
    "\n  fragment ItemStockDetail on Item {\n    __typename\n    availability(scope: $scope) {\n      ...StockDetail\n    }\n  }\n": types.ItemStockDetailFragmentDoc,
    "\n  fragment ItemFacts on Item {\n    sku\n    name\n    family\n    category\n    unit\n    discontinued\n    attributes\n  }\n": types.ItemFactsFragmentDoc,
    "\n  fragment Hold on Reservation {\n    id\n    state\n    channel\n    order\n    version\n    expiresAt\n    remainingSeconds\n    endedReason\n    lines {\n      sku\n      location\n      quantity\n      item {\n        ...ItemFacts\n      }\n    }\n  }\n": types.HoldFragmentDoc,
    "\n  query Places {\n    unscoped: items(first: 1) {\n      edges {\n        cursor\n        node {\n          sku\n          availability {\n            channel\n            version\n            asOf\n          }\n        }\n      }\n    }\n    channels {\n      id\n      name\n      locale\n      currency\n      locations {\n        id\n        name\n        country\n      }\n    }\n  }\n": types.PlacesDocument,
    "\n  query Items($first: Int!, $after: String, $filter: ItemFilter, $scope: ScopeInput) {\n    items(first: $first, after: $after, filter: $filter) {\n      totalCount\n      pageInfo {\n        hasNextPage\n        endCursor\n      }\n      edges {\n        cursor\n        node {\n          ...ItemFacts\n          ...ItemStockLine\n        }\n      }\n    }\n  }\n": types.ItemsDocument,
    "\n  query Item($sku: ID!, $scope: ScopeInput) {\n    item(sku: $sku) {\n      ...ItemFacts\n      ...ItemStockDetail\n      variants(first: 100) {\n        ...ItemFacts\n        ...ItemStockDetail\n      }\n    }\n  }\n": types.ItemDocument,
    "\n  subscription StockLines($skus: [ID!]!, $scope: ScopeInput) {\n    availability(skus: $skus, scope: $scope) {\n      kind\n      availability {\n        ...StockLine\n      }\n    }\n  }\n": types.StockLinesDocument,
    "\n  subscription StockDetails($skus: [ID!]!, $scope: ScopeInput) {\n    availability(skus: $skus, scope: $scope) {\n      kind\n      availability {\n        ...StockDetail\n      }\n    }\n  }\n": types.StockDetailsDocument,
    "\n  subscription HoldChanges($id: ID!) {\n    reservation(id: $id) {\n      ...Hold\n    }\n  }\n": types.HoldChangesDocument,
    "\n  query HoldNow($id: ID!) {\n    reservation(id: $id) {\n      ...Hold\n    }\n  }\n": types.HoldNowDocument,
    "\n  mutation Reserve($input: ReserveInput!) {\n    reserve(input: $input) {\n      __typename\n      ... on ReserveSuccess {\n        reservation {\n          ...Hold\n        }\n      }\n      ... on InsufficientStock {\n        lines {\n          sku\n          requested\n          available\n          band\n        }\n      }\n      ... on HubError {\n        code\n        message\n      }\n    }\n  }\n": types.ReserveDocument,
    "\n  mutation Extend($input: ExtendReservationInput!) {\n    extendReservation(input: $input) {\n      __typename\n      ... on ExtendReservationSuccess {\n        reservation {\n          ...Hold\n        }\n      }\n      ... on HubError {\n        code\n        message\n      }\n    }\n  }\n": types.ExtendDocument,
    "\n  mutation Commit($input: CommitReservationInput!) {\n    commitReservation(input: $input) {\n      __typename\n      ... on CommitReservationSuccess {\n        reservation {\n          ...Hold\n        }\n      }\n      ... on HubError {\n        code\n        message\n      }\n    }\n  }\n": types.CommitDocument,
    "\n  mutation Release($input: ReleaseReservationInput!) {\n    releaseReservation(input: $input) {\n      __typename\n      ... on ReleaseReservationSuccess {\n        reservation {\n          ...Hold\n        }\n      }\n      ... on HubError {\n        code\n        message\n      }\n    }\n  }\n": types.ReleaseDocument,
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
export function graphql(source: "\n  fragment StockLine on Availability {\n    sku\n    channel\n    quantity\n    band\n    status\n    version\n    asOf\n    nextSupplyAt\n    message {\n      code\n      text(locale: \"en-GB\")\n    }\n  }\n"): (typeof documents)["\n  fragment StockLine on Availability {\n    sku\n    channel\n    quantity\n    band\n    status\n    version\n    asOf\n    nextSupplyAt\n    message {\n      code\n      text(locale: \"en-GB\")\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  fragment StockDetail on Availability {\n    ...StockLine\n    limitingReason\n    limitingRule\n    components {\n      sku\n      perKit\n      availableToOrder\n    }\n    breakdown {\n      onHand\n      unavailable\n      allocated\n      reserved\n      backordered\n      safetyStock\n      availableToSell\n      availableToOrder\n      incoming\n      shortfall\n      locations {\n        location\n        onHand\n        unavailable\n        allocated\n        reserved\n        safetyStock\n        safetyStockRule\n        availableToSell\n        incoming\n        shortfall\n      }\n    }\n  }\n"): (typeof documents)["\n  fragment StockDetail on Availability {\n    ...StockLine\n    limitingReason\n    limitingRule\n    components {\n      sku\n      perKit\n      availableToOrder\n    }\n    breakdown {\n      onHand\n      unavailable\n      allocated\n      reserved\n      backordered\n      safetyStock\n      availableToSell\n      availableToOrder\n      incoming\n      shortfall\n      locations {\n        location\n        onHand\n        unavailable\n        allocated\n        reserved\n        safetyStock\n        safetyStockRule\n        availableToSell\n        incoming\n        shortfall\n      }\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  fragment ItemStockLine on Item {\n    __typename\n    availability(scope: $scope) {\n      ...StockLine\n    }\n  }\n"): (typeof documents)["\n  fragment ItemStockLine on Item {\n    __typename\n    availability(scope: $scope) {\n      ...StockLine\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  fragment ItemStockDetail on Item {\n    __typename\n    availability(scope: $scope) {\n      ...StockDetail\n    }\n  }\n"): (typeof documents)["\n  fragment ItemStockDetail on Item {\n    __typename\n    availability(scope: $scope) {\n      ...StockDetail\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  fragment ItemFacts on Item {\n    sku\n    name\n    family\n    category\n    unit\n    discontinued\n    attributes\n  }\n"): (typeof documents)["\n  fragment ItemFacts on Item {\n    sku\n    name\n    family\n    category\n    unit\n    discontinued\n    attributes\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  fragment Hold on Reservation {\n    id\n    state\n    channel\n    order\n    version\n    expiresAt\n    remainingSeconds\n    endedReason\n    lines {\n      sku\n      location\n      quantity\n      item {\n        ...ItemFacts\n      }\n    }\n  }\n"): (typeof documents)["\n  fragment Hold on Reservation {\n    id\n    state\n    channel\n    order\n    version\n    expiresAt\n    remainingSeconds\n    endedReason\n    lines {\n      sku\n      location\n      quantity\n      item {\n        ...ItemFacts\n      }\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query Places {\n    unscoped: items(first: 1) {\n      edges {\n        cursor\n        node {\n          sku\n          availability {\n            channel\n            version\n            asOf\n          }\n        }\n      }\n    }\n    channels {\n      id\n      name\n      locale\n      currency\n      locations {\n        id\n        name\n        country\n      }\n    }\n  }\n"): (typeof documents)["\n  query Places {\n    unscoped: items(first: 1) {\n      edges {\n        cursor\n        node {\n          sku\n          availability {\n            channel\n            version\n            asOf\n          }\n        }\n      }\n    }\n    channels {\n      id\n      name\n      locale\n      currency\n      locations {\n        id\n        name\n        country\n      }\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query Items($first: Int!, $after: String, $filter: ItemFilter, $scope: ScopeInput) {\n    items(first: $first, after: $after, filter: $filter) {\n      totalCount\n      pageInfo {\n        hasNextPage\n        endCursor\n      }\n      edges {\n        cursor\n        node {\n          ...ItemFacts\n          ...ItemStockLine\n        }\n      }\n    }\n  }\n"): (typeof documents)["\n  query Items($first: Int!, $after: String, $filter: ItemFilter, $scope: ScopeInput) {\n    items(first: $first, after: $after, filter: $filter) {\n      totalCount\n      pageInfo {\n        hasNextPage\n        endCursor\n      }\n      edges {\n        cursor\n        node {\n          ...ItemFacts\n          ...ItemStockLine\n        }\n      }\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query Item($sku: ID!, $scope: ScopeInput) {\n    item(sku: $sku) {\n      ...ItemFacts\n      ...ItemStockDetail\n      variants(first: 100) {\n        ...ItemFacts\n        ...ItemStockDetail\n      }\n    }\n  }\n"): (typeof documents)["\n  query Item($sku: ID!, $scope: ScopeInput) {\n    item(sku: $sku) {\n      ...ItemFacts\n      ...ItemStockDetail\n      variants(first: 100) {\n        ...ItemFacts\n        ...ItemStockDetail\n      }\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  subscription StockLines($skus: [ID!]!, $scope: ScopeInput) {\n    availability(skus: $skus, scope: $scope) {\n      kind\n      availability {\n        ...StockLine\n      }\n    }\n  }\n"): (typeof documents)["\n  subscription StockLines($skus: [ID!]!, $scope: ScopeInput) {\n    availability(skus: $skus, scope: $scope) {\n      kind\n      availability {\n        ...StockLine\n      }\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  subscription StockDetails($skus: [ID!]!, $scope: ScopeInput) {\n    availability(skus: $skus, scope: $scope) {\n      kind\n      availability {\n        ...StockDetail\n      }\n    }\n  }\n"): (typeof documents)["\n  subscription StockDetails($skus: [ID!]!, $scope: ScopeInput) {\n    availability(skus: $skus, scope: $scope) {\n      kind\n      availability {\n        ...StockDetail\n      }\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  subscription HoldChanges($id: ID!) {\n    reservation(id: $id) {\n      ...Hold\n    }\n  }\n"): (typeof documents)["\n  subscription HoldChanges($id: ID!) {\n    reservation(id: $id) {\n      ...Hold\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query HoldNow($id: ID!) {\n    reservation(id: $id) {\n      ...Hold\n    }\n  }\n"): (typeof documents)["\n  query HoldNow($id: ID!) {\n    reservation(id: $id) {\n      ...Hold\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation Reserve($input: ReserveInput!) {\n    reserve(input: $input) {\n      __typename\n      ... on ReserveSuccess {\n        reservation {\n          ...Hold\n        }\n      }\n      ... on InsufficientStock {\n        lines {\n          sku\n          requested\n          available\n          band\n        }\n      }\n      ... on HubError {\n        code\n        message\n      }\n    }\n  }\n"): (typeof documents)["\n  mutation Reserve($input: ReserveInput!) {\n    reserve(input: $input) {\n      __typename\n      ... on ReserveSuccess {\n        reservation {\n          ...Hold\n        }\n      }\n      ... on InsufficientStock {\n        lines {\n          sku\n          requested\n          available\n          band\n        }\n      }\n      ... on HubError {\n        code\n        message\n      }\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation Extend($input: ExtendReservationInput!) {\n    extendReservation(input: $input) {\n      __typename\n      ... on ExtendReservationSuccess {\n        reservation {\n          ...Hold\n        }\n      }\n      ... on HubError {\n        code\n        message\n      }\n    }\n  }\n"): (typeof documents)["\n  mutation Extend($input: ExtendReservationInput!) {\n    extendReservation(input: $input) {\n      __typename\n      ... on ExtendReservationSuccess {\n        reservation {\n          ...Hold\n        }\n      }\n      ... on HubError {\n        code\n        message\n      }\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation Commit($input: CommitReservationInput!) {\n    commitReservation(input: $input) {\n      __typename\n      ... on CommitReservationSuccess {\n        reservation {\n          ...Hold\n        }\n      }\n      ... on HubError {\n        code\n        message\n      }\n    }\n  }\n"): (typeof documents)["\n  mutation Commit($input: CommitReservationInput!) {\n    commitReservation(input: $input) {\n      __typename\n      ... on CommitReservationSuccess {\n        reservation {\n          ...Hold\n        }\n      }\n      ... on HubError {\n        code\n        message\n      }\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation Release($input: ReleaseReservationInput!) {\n    releaseReservation(input: $input) {\n      __typename\n      ... on ReleaseReservationSuccess {\n        reservation {\n          ...Hold\n        }\n      }\n      ... on HubError {\n        code\n        message\n      }\n    }\n  }\n"): (typeof documents)["\n  mutation Release($input: ReleaseReservationInput!) {\n    releaseReservation(input: $input) {\n      __typename\n      ... on ReleaseReservationSuccess {\n        reservation {\n          ...Hold\n        }\n      }\n      ... on HubError {\n        code\n        message\n      }\n    }\n  }\n"];

export function graphql(source: string) {
  return (documents as any)[source] ?? {};
}

export type DocumentType<TDocumentNode extends DocumentNode<any, any>> = TDocumentNode extends DocumentNode<  infer TType,  any>  ? TType  : never;