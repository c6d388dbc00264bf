import tseslint from 'typescript-eslint';

/** The floors of the house and what each may import of the others (architecture.md). */
const FLOORS = [
  ...['domain', 'temporal/contracts', 'temporal/runtime', 'workflows', 'activities', 'services', 'adapters', 'platform'],
  ...['workers', 'api', 'emulators', 'connectors', 'tests', 'bench', 'scripts'],
];

/** @type {Record<string, { may: string[], deterministic?: boolean }>} */
const MAY_IMPORT = {
  domain: { may: [], deterministic: true },
  'temporal/contracts': { may: ['domain'], deterministic: true },
  workflows: { may: ['domain', 'temporal/contracts'], deterministic: true },
  activities: { may: ['domain', 'temporal/contracts', 'services'] },
  services: { may: ['domain'] },
  adapters: { may: ['domain', 'platform', 'services/stores.ts'] },
  platform: { may: ['domain/shared'] },
  'temporal/runtime': { may: ['domain', 'temporal/contracts', 'platform'] },
  workers: {
    may: ['domain', 'temporal/contracts', 'temporal/runtime', 'workflows', 'activities', 'services', 'adapters', 'platform'],
  },
  // The gateway's parts see services and contracts; only its root puts adapters and connections in place.
  api: { may: ['domain', 'temporal/contracts', 'services', 'platform'] },
  // What integrators would write: it knows the store by its public API alone.
  connectors: { may: [] },
  'api/main.ts': { may: ['domain', 'temporal/contracts', 'temporal/runtime', 'services', 'adapters', 'platform'] },
};

const escapeForRegex = (text) => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');

/** A forbidden import climbs out of its folder (`../`) and comes down on a floor that is not in the list. */
function forbiddenImports(floor, { may, deterministic = false }) {
  const closed = FLOORS.filter((other) => other !== floor && !floor.startsWith(`${other}/`) && !may.includes(other));
  const except = may.filter((path) => !FLOORS.includes(path));
  const exceptions = except.length === 0 ? '' : `(?!${except.map(escapeForRegex).join('|')})`;
  const patterns = [
    {
      regex: `^(\\.\\.?/)+${exceptions}(${closed.map(escapeForRegex).join('|')})/`,
      message: `${floor}/ may import ${may.length === 0 ? 'no other floor' : `only ${may.join(', ')}`} (architecture.md).`,
    },
  ];
  if (deterministic) {
    patterns.push({ regex: '^node:', message: `${floor}/ is deterministic: no Node module.` });
    patterns.push({
      regex: floor === 'domain' ? '^(?![./])' : '^(?![./]|@temporalio/(workflow|common|interceptors-opentelemetry))',
      message: `${floor}/ is pure: no package but ${floor === 'domain' ? 'none' : "Temporal's workflow API"}.`,
    });
  }
  return patterns;
}

const deterministicRules = {
  'no-restricted-globals': [
    'error',
    ...['process', 'fetch', 'setTimeout', 'setInterval', 'setImmediate', 'crypto', 'performance', 'Buffer'].map((name) => ({
      name,
      message: 'No I/O, clock or randomness here.',
    })),
  ],
  'no-restricted-properties': [
    'error',
    { object: 'Date', property: 'now', message: 'No clock here: take the time as an argument.' },
    { object: 'Math', property: 'random', message: 'No randomness here: take it as an argument.' },
  ],
  'no-restricted-syntax': [
    'error',
    { selector: "NewExpression[callee.name='Date'][arguments.length=0]", message: 'No clock here: take the time as an argument.' },
  ],
};

/** `node:test` waits for its tests by itself. */
const TEST_CALLS = { from: 'package', package: 'node:test', name: ['test', 'describe', 'it', 'suite'] };

const filesOf = (floor) => (floor.endsWith('.ts') ? [floor] : [`${floor}/**/*.ts`]);
const testsOf = ['**/*.test.ts'];

export default tseslint.config(
  { ignores: ['.headlesspro/', '.cache/', 'dist/', 'coverage/', 'api/graphql/generated/'] },
  // What ships separately is checked where it lives.
  { ignores: ['sdks/', 'studio/', 'edge/', 'templates/'] },
  { linterOptions: { reportUnusedDisableDirectives: 'error' } },
  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.recommendedTypeChecked],
    languageOptions: { parserOptions: { project: './tsconfig.json', tsconfigRootDir: import.meta.dirname } },
    rules: {
      eqeqeq: ['error', 'always', { null: 'ignore' }],
      '@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'separate-type-imports' }],
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/no-floating-promises': ['error', { allowForKnownSafeCalls: [TEST_CALLS] }],
      '@typescript-eslint/no-misused-promises': ['error', { checksVoidReturn: { properties: false, returns: false } }],
      '@typescript-eslint/no-non-null-assertion': 'error',
      // Ports and services are objects of closures: none of their methods looks at `this`.
      '@typescript-eslint/unbound-method': 'off',
      // Ports are asynchronous though some who fill them have nothing to wait for.
      '@typescript-eslint/require-await': 'off',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
    },
  },
  ...Object.entries(MAY_IMPORT).map(([floor, rule]) => ({
    files: filesOf(floor),
    ignores: testsOf,
    rules: {
      'no-restricted-imports': ['error', { patterns: forbiddenImports(floor, rule) }],
      ...(rule.deterministic && deterministicRules),
    },
  })),
);
