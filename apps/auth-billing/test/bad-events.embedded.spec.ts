import { badEventsContract } from './bad-events.contract.js';
import { TestService } from './service.js';

describe('on the embedded log', () => {
  badEventsContract(() => TestService.start());
});
