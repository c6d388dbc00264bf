import assert from 'node:assert/strict';
import { test } from 'node:test';
import { buildSchema, GraphQLError, validate, parse, type GraphQLFormattedError } from 'graphql';
import { DomainError, ERROR_CODES, invalid, VersionMismatchError } from '../domain/shared/errors.ts';
import { formatError, HTTP_STATUS, isExpected, reportUnexpected } from './errors.ts';
import { statusOf, toHttpError, toInputError, toUserError } from './errors.ts';

const inResolver = (originalError: Error): GraphQLError =>
  new GraphQLError(originalError.message, { path: ['cart'], originalError });
const format = (error: GraphQLError): GraphQLFormattedError => formatError(error.toJSON(), error);

test('every error code has an HTTP status of its class', () => {
  for (const code of ERROR_CODES) {
    assert.ok(HTTP_STATUS[code] >= 400 && HTTP_STATUS[code] < 600, code);
    assert.equal(toHttpError(new DomainError(code, 'Sentence'), 'trace').status, HTTP_STATUS[code]);
    const formatted = format(inResolver(new DomainError(code, 'Sentence', 'field')));
    assert.deepEqual(formatted.extensions, { code, field: 'field' });
    assert.equal(formatted.message, 'Sentence');
    assert.equal(statusOf([formatted]), HTTP_STATUS[code]);
  }
});

test('every error code is either a member of a result union or an error of the request', () => {
  for (const code of ERROR_CODES) {
    const error = new DomainError(code, 'Sentence', 'lines.0.quantity');
    let member: ReturnType<typeof toInputError> | undefined;
    try {
      member = toInputError(error);
    } catch (thrown) {
      assert.equal(thrown, error);
    }
    const aboutInput = HTTP_STATUS[code] < 500 && ![401, 403, 429].includes(HTTP_STATUS[code]);
    // The gateway's refusal of what it was sent is the shopper's to mend, though the HTTP status names the gateway.
    assert.equal(member !== undefined, aboutInput || code === 'GATEWAY_REJECTED', code);
    if (member) assert.deepEqual(member, { __typename: 'InputError', code, message: 'Sentence', field: 'lines.0.quantity' });
  }
});

test('a version mismatch tells the present version, and other errors are thrown again', () => {
  assert.deepEqual(toUserError(new VersionMismatchError(7)), {
    __typename: 'VersionMismatch',
    code: 'VERSION_MISMATCH',
    message: 'It was changed meanwhile; its version is now 7',
    field: 'version',
    currentVersion: 7,
  });
  assert.equal(toUserError(invalid('email', 'Must not be empty')).__typename, 'InputError');
  const bug = new TypeError('undefined is not a function');
  assert.throws(() => toUserError(bug), bug);
});

test('an unexpected error keeps only the id under which it was logged', () => {
  const bug = inResolver(new Error('connect ECONNREFUSED db.internal:5432'));
  const lines: unknown[] = [];
  const expected = inResolver(invalid('email', 'Must not be empty'));
  reportUnexpected([bug, expected], 'trace-1', { error: (fields) => lines.push(fields) });
  assert.equal(lines.length, 1);
  assert.deepEqual(lines[0], { err: bug.originalError, traceId: 'trace-1', path: 'cart' });
  const extensions = { code: 'INTERNAL_SERVER_ERROR', traceId: 'trace-1' };
  assert.deepEqual(format(bug), { message: 'Internal error', path: ['cart'], extensions });
  assert.equal(statusOf([format(bug)]), 500);
  const { status, body } = toHttpError(new Error('secret'), 'trace-2');
  assert.equal(status, 500);
  assert.deepEqual(body.errors, [{ message: 'Internal error', extensions: { ...extensions, traceId: 'trace-2' } }]);
});

test('errors about the document stay as they are; a value that cannot be sent is our fault', () => {
  const schema = buildSchema('type Query { cart(token: String!): String }');
  const [fault] = validate(schema, parse('{ cart(tokn: "x") }'));
  assert.ok(fault && isExpected(fault));
  assert.match(format(fault).message, /Unknown argument "tokn" on field "Query.cart"/);
  assert.equal(isExpected(inResolver(new GraphQLError('Int cannot represent non-integer value: 1.5'))), false);
});
