import { Catch } from '@nestjs/common';
import type { RpcExceptionFilter } from '@nestjs/common';
import { type Observable, throwError } from 'rxjs';

/**
 * Lets a handler's own error reach the bus. Nest's default filter replaces every error by a bare "Internal server error",
 * from which nobody could tell a poisoned event from a database that is down.
 */
@Catch()
export class BusErrorFilter implements RpcExceptionFilter {
  catch(error: unknown): Observable<never> {
    return throwError(() => error);
  }
}
