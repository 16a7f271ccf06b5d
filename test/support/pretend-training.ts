import { Worker } from 'bullmq';
import { connectRedis, type RedisConnection } from '../../src/jobs/redis-connection.js';
import { TRAIN_QUEUE, type TrainJobProgress, type TrainJobResult } from '../../src/jobs/train-contract.js';

/** Takes a train job as a worker does, tells of a step, and has a model when it is told to finish; nothing is trained. */
export class PretendTraining {
  finish: () => void = () => {};
  readonly progress: TrainJobProgress = {
    message: 'training',
    step: {
      stage: 'decoder',
      epoch: 0.5,
      epochs: 2,
      step: 30,
      steps: 120,
      loss: 2.5,
      imagesPerSecond: 80,
      secondsLeft: 110,
    },
    devScores: { birds: 0.4123 },
  };
  readonly result: TrainJobResult = {
    version: 1,
    model: '/srv/runs/birds/model',
    totalSteps: 120,
    best: { score: 0.5, stage: 'decoder', epoch: 2 },
    history: [{ stage: 'decoder', epoch: 2, loss: 2, devCiderD: { birds: 0.5 } }],
  };
  private readonly worker: Worker;

  private constructor(private readonly connection: RedisConnection) {
    const finished = new Promise<void>((resolve) => {
      this.finish = resolve;
    });
    this.worker = new Worker(
      TRAIN_QUEUE,
      async (job) => {
        await job.updateProgress(this.progress);
        await finished;
        return this.result;
      },
      { connection: connection.client },
    );
  }

  static async start(redis: string): Promise<PretendTraining> {
    return new PretendTraining(await connectRedis(redis, () => {}));
  }

  async stop(): Promise<void> {
    this.finish();
    await this.worker.close();
    await this.connection.close();
  }
}
