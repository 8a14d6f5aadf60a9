import { Injectable } from '@nestjs/common';
import { HashingQueue } from './hashing-queue.js';
import { hashPassword, isOutdated, isPassword } from './password-hash.js';

/** For whom a password is hashed: whose turn it is depends on it. */
export interface HashingFor {
  readonly network: string;
  /** The address has failed before. */
  readonly isSuspect: boolean;
}

export type PasswordCheck = { readonly isRight: false } | { readonly isRight: true; readonly rehashed: string | undefined };

/** Passwords through the one queue of this process. Throws 503 while too many wait. */
@Injectable()
export class Passwords {
  private readonly queue = new HashingQueue();

  hash(password: string, caller: HashingFor): Promise<string> {
    return this.queue.run(() => hashPassword(password), caller);
  }

  /** `rehashed` is the hash to keep from now on, where the kept one is of an older kind. */
  check(password: string, passwordHash: string | null | undefined, caller: HashingFor): Promise<PasswordCheck> {
    return this.queue.run(async () => {
      if (!(await isPassword(password, passwordHash))) return { isRight: false };
      const isOld = passwordHash !== null && passwordHash !== undefined && isOutdated(passwordHash);
      return { isRight: true, rehashed: isOld ? await hashPassword(password) : undefined };
    }, caller);
  }
}
