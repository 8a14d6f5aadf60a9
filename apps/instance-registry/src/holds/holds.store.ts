import type { HoldState } from '@ecolink/contracts';
import type { Transaction } from '@ecolink/database';
import { Injectable } from '@nestjs/common';

@Injectable()
export class HoldsStore {
  async save(transaction: Transaction, hold: HoldState): Promise<void> {
    await transaction.instance.update({
      where: { id: BigInt(hold.instance_id) },
      data: {
        holdVersion: hold.version,
        hourlyRateNanoUsd: BigInt(hold.hourly_rate_nano_usd),
        holdNanoUsd: BigInt(hold.hold_nano_usd),
        cycleEndsAt: new Date(hold.cycle_ends_at),
      },
    });
  }
}
