import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ApolloServer, type ApolloServerPlugin } from '@apollo/server';
import { ApolloServerPluginCacheControlDisabled, ApolloServerPluginLandingPageDisabled } from '@apollo/server/plugin/disabled';
import type { GraphQLSchema } from 'graphql';
import { formatError, reportUnexpected, statusOf } from '../errors.ts';
import type { Logger } from '../../platform/logger.ts';
import { guardRootFields } from './card-number-guard.ts';
import type { RequestContext } from './context.ts';
import type { Resolvers as AdminResolvers } from './generated/admin.ts';
import type { Resolvers as StorefrontResolvers } from './generated/storefront.ts';
import { MAX_TOKENS, queryLimits, type QueryLimits } from './query-limits.ts';

type Endpoint = 'storefront' | 'admin';

const SCHEMA_FOLDER = join(import.meta.dirname, '../../schema/graphql');

/** The SDL of one endpoint: its own files and those of both. */
async function readTypeDefs(endpoint: Endpoint): Promise<string[]> {
  const folders = [join(SCHEMA_FOLDER, 'common'), join(SCHEMA_FOLDER, endpoint)];
  const pathsIn = async (folder: string): Promise<string[]> => (await readdir(folder)).sort().map((name) => join(folder, name));
  const paths = await Promise.all(folders.map(pathsIn));
  const documents = paths.flat().filter((path) => path.endsWith('.graphql'));
  return Promise.all(documents.map((path) => readFile(path, 'utf8')));
}

/** Logs what clients must not see, and answers a request that gave no data with the HTTP status of its first error. */
const errorReporting: ApolloServerPlugin<RequestContext> = {
  async requestDidStart() {
    return {
      async didEncounterErrors({ errors, contextValue }) {
        reportUnexpected(errors, contextValue.traceId, contextValue.log);
      },
      async willSendResponse({ response }) {
        if (response.body.kind !== 'single') return;
        const { data, errors } = response.body.singleResult;
        if (errors === undefined || data != null) return;
        const status = statusOf(errors);
        if (status !== undefined) response.http.status = status;
      },
    };
  },
};

export interface GraphqlEndpoint {
  readonly apollo: ApolloServer<RequestContext>;
  readonly schema: GraphQLSchema;
}

/** Starts the Apollo server of one endpoint. */
export async function startApollo(options: {
  endpoint: Endpoint;
  resolvers: StorefrontResolvers | AdminResolvers;
  limits: QueryLimits;
  introspection: boolean;
  plugins: readonly ApolloServerPlugin<RequestContext>[];
  logger: Logger;
}): Promise<GraphqlEndpoint> {
  const { endpoint, resolvers, limits, introspection, plugins, logger } = options;
  let schema: GraphQLSchema | undefined;
  const apollo = new ApolloServer<RequestContext>({
    typeDefs: await readTypeDefs(endpoint),
    resolvers,
    introspection,
    csrfPrevention: true,
    allowBatchedHttpRequests: false,
    includeStacktraceInErrorResponses: false,
    stopOnTerminationSignals: false,
    parseOptions: { maxTokens: MAX_TOKENS },
    validationRules: [queryLimits(limits)],
    formatError,
    logger,
    plugins: [
      {
        async serverWillStart(service) {
          schema = service.schema;
          guardRootFields(schema);
        },
      },
      // It would look at every field of every answer, and what we serve is not cached by clients.
      ApolloServerPluginCacheControlDisabled(),
      ApolloServerPluginLandingPageDisabled(),
      errorReporting,
      ...plugins,
    ],
  });
  await apollo.start();
  if (!schema) throw new Error('Apollo started without a schema');
  return { apollo, schema };
}
