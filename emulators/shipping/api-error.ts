/** A refusal in the words of both APIs. */
export class ApiError extends Error {
  readonly status: number;
  readonly code: string;
  readonly retryAfterSeconds: number | undefined;

  constructor(status: number, code: string, message: string, retryAfterSeconds?: number) {
    super(message);
    this.status = status;
    this.code = code;
    this.retryAfterSeconds = retryAfterSeconds;
  }

  get body(): unknown {
    return { error: { code: this.code, message: this.message } };
  }
}

export const notFound = (): ApiError => new ApiError(404, 'not_found', 'There is no such thing');
