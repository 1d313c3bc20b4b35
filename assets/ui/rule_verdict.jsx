// Under a rule: what is wrong with it and the click that mends it, or what it says.
export function Verdict({ id, answer, text, problem, onFix }) {
  if (problem && !answer?.message) {
    return (
      <p id={id} className="rule-verdict field-error" role="alert">
        {problem}
      </p>
    );
  }
  if (!answer || !text.trim()) return <p id={id} className="rule-verdict" hidden />;
  if (!answer.message) {
    return (
      <p id={id} className="rule-verdict rule-reading" data-stale={answer.text !== text || undefined}>
        {answer.reading}
        {answer.gives && <span className="rule-gives">Gives: {answer.gives}</span>}
      </p>
    );
  }
  const isFresh = answer.text === text;
  return (
    <div id={id} className="rule-verdict" data-stale={!isFresh || undefined}>
      <p className="field-error" role="status">
        {answer.message}
      </p>
      {answer.fix && isFresh && (
        <button type="button" className="button rule-fix" onClick={() => onFix(answer.fix_start, answer.fix_end, answer.fix)}>
          Write <code>{answer.fix}</code>
        </button>
      )}
    </div>
  );
}
