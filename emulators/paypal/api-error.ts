import { newId } from './ids.ts';

/** A refusal as PayPal words it. */
export class ApiError extends Error {
  readonly status: number;
  readonly body: { name: string; message: string; debug_id: string; details: { issue: string; field?: string; description: string }[] };

  constructor(status: number, name: string, issue: string, field?: string) {
    super(issue);
    const detail = { issue, description: `The request was refused: ${issue}.`, ...(field === undefined ? {} : { field }) };
    this.status = status;
    this.body = { name, message: 'The request could not be processed.', debug_id: newId().toLowerCase(), details: [detail] };
  }
}

/** The request is well formed, but not possible now. */
export const unprocessable = (issue: string): ApiError => new ApiError(422, 'UNPROCESSABLE_ENTITY', issue);
/** There is no such thing. */
export const notFound = (): ApiError => new ApiError(404, 'RESOURCE_NOT_FOUND', 'INVALID_RESOURCE_ID');
/** A field is not what it should be. */
export const badField = (field: string, issue: string): ApiError => new ApiError(400, 'INVALID_REQUEST', issue, field);
