import { ApiError, type AuthorizeRequest, type Principal } from '@ecolink/contracts';
import { Authorizer, networkOf } from '@ecolink/service-kit';
import { Inject, Injectable } from '@nestjs/common';
import { CallRates } from './call-rates.service.js';
import { Principals } from './principals.service.js';

/**
 * Lets a management call in, within its account's rate; the other services ask through `POST /internal/authorize`, so that what an account
 * calls is counted in one place, however many services and processes there are.
 */
@Injectable()
export class LocalAuthorizer extends Authorizer {
  constructor(
    @Inject(Principals) private readonly principals: Principals,
    @Inject(CallRates) private readonly rates: CallRates,
  ) {
    super();
  }

  /** Throws 429 `rate_limit_exceeded` beyond the rate of the account, or of refused calls of the network. */
  async authorize(request: AuthorizeRequest): Promise<Principal> {
    const principal = await this.principalOf(request);
    await this.rates.take(principal.account_id, 'management calls of this account');
    return principal;
  }

  private async principalOf(request: AuthorizeRequest): Promise<Principal> {
    const { client_address: address } = request;
    try {
      return await this.principals.find(request);
    } catch (error) {
      if (error instanceof ApiError && error.status === 401 && address !== undefined)
        await this.rates.take(networkOf(address), 'calls without a valid key or session from this network');
      throw error;
    }
  }
}
