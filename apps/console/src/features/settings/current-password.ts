import { Problem } from '../../api/problem.js';
import { text } from '../../text/index.js';

/** A wrong password is refused without a `param`, since signing in names no field. Here it can only be the present one. */
export function atCurrentPassword(thrown: unknown): unknown {
  if (!(thrown instanceof Problem) || thrown.code !== 'invalid_credentials') return thrown;
  const { status, code } = thrown;
  return new Problem({ status, code, message: text.settings.profile.wrong, param: 'current_password' });
}
