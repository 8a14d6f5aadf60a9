import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';

/** What an operator's call changed, for the operators' audit log. Holds no secret. */
export interface OperatorChange {
  /** The id of what was changed. */
  readonly target: string;
  /** What of it changed, as it was; undefined where there was nothing. */
  readonly before?: object | undefined;
  /** The same as it is now; undefined where there is nothing any more. */
  readonly after?: object | undefined;
}

interface RequestWithChange extends FastifyRequest {
  operatorChange?: OperatorChange;
}

export type ChangeNote = (change: OperatorChange) => void;

/** Gives an operator's handler what it tells its change to; the service's audit interceptor writes it down. */
export const NoteChange = createParamDecorator((_data: unknown, context: ExecutionContext): ChangeNote => {
  const request = context.switchToHttp().getRequest<RequestWithChange>();
  return (change) => {
    request.operatorChange = change;
  };
});

export function operatorChangeOf(request: FastifyRequest): OperatorChange | undefined {
  return (request as RequestWithChange).operatorChange;
}
