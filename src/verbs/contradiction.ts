/** The forge has it otherwise than whoever asked for the run: it ends refused. */
export class Contradiction extends Error {
  override readonly name = 'Contradiction';
  /** `nothing`: what stands at the forge is not ours to change. */
  readonly tell: 'terminal' | 'nothing';

  constructor(message: string, tell: Contradiction['tell']) {
    super(message);
    this.tell = tell;
  }
}
