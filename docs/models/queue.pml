/* The queue's three tricks at once: the doorbell, the low-water mark and the fence, with every order of their steps.
 *
 * Each step between two semicolons is what one statement of Postgres does to what others can see. Producers change rows
 * and commit or roll back; workers claim, read, write back and doze. No clock: nobody looks again because time has
 * passed, so whatever would be found by the fallback poll alone is found here as lost. `Tests/Models/run` checks it, and
 * with each of the macros that end in a trap, which take one precaution away, it must fail. */

#ifndef PRODUCERS
#define PRODUCERS 2
#endif
#ifndef WORKERS
#define WORKERS 2
#endif
#ifndef TRANSACTIONS
#define TRANSACTIONS 2
#endif
#ifndef ROWS
#define ROWS 2
#endif
#define JOBS (PRODUCERS * TRANSACTIONS)
#define NOBODY 255

mtype = { none, unseen, fresh, leased, gone }

/* What is committed. A row's version is that of its source; url is the version that its URL stands for, 0 is null. */
byte version[ROWS] = 1;
byte url[ROWS] = 1;
mtype job[JOBS] = none;
byte job_row[JOBS];
byte next_job;

/* What is locked: a row, and the doorbell, which producers share. */
bool row_locked[ROWS];
byte bell = NOBODY;
byte sharers;

/* Locals are set back when they have served, so that states that do not differ are one.
 *
 * A notification that waits in a listener's session: they come to all, and several are as good as one. */
bool rung[WORKERS];

proctype Producer() {
  byte done, row, id;
  bool shares, rings;
  do
  :: done < TRANSACTIONS ->
    done++;
    if
    :: row = 0
    :: ROWS > 1 -> row = ROWS - 1
    fi;
    /* The application's update, and in the same transaction what the trigger does. */
    atomic {
      !row_locked[row] -> row_locked[row] = true;
      id = next_job; next_job++; job[id] = unseen; job_row[id] = row
    };
    atomic {
      if
      :: bell == NOBODY -> sharers++; shares = true
      :: else -> rings = true
      fi
    };
#ifdef LOCK_ENDS_BEFORE_COMMIT_TRAP
    d_step { if :: shares -> sharers--; shares = false :: else fi };
#endif
    if
    :: d_step { version[row]++; url[row] = 0; job[id] = fresh };
      /* Locks end after the commit is visible, and then the notification goes out. */
      d_step { row_locked[row] = false; if :: shares -> sharers-- :: else fi };
      if
      :: rings -> d_step { rung[0] = true; rung[WORKERS - 1] = true }
      :: else
      fi
    :: d_step { job[id] = gone; row_locked[row] = false; if :: shares -> sharers-- :: else fi }
    fi;
    d_step { row = 0; id = 0; shares = false; rings = false }
  :: else -> break
  od
}

/* Takes the lowest job that is ready, from the mark on, with all that was queued for its row; a row that another worker
 * holds is passed over. Leaves NOBODY in id when there is none. */
inline claim(from) {
  d_step {
    id = NOBODY; i = from;
    do
    :: i >= JOBS || id != NOBODY -> break
    :: else ->
      if
      :: job[i] == fresh ->
        held = false; j = 0;
        do
        :: j >= JOBS -> break
        :: else ->
          if :: job[j] == leased && job_row[j] == job_row[i] -> held = true :: else fi;
          j++
        od;
        if :: !held -> id = i :: else fi
      :: else
      fi;
      i++
    od;
    if
    :: id != NOBODY ->
      row = job_row[id];
      if :: from == 0 -> mark = id :: from > 0 && id > mark -> mark = id :: else fi;
      /* The newest of them stands for all. */
      j = id + 1;
      do
      :: j >= JOBS -> break
      :: else ->
        if :: job[j] == fresh && job_row[j] == row -> job[id] = gone; id = j :: else fi;
        j++
      od;
      job[id] = leased
    :: else
    fi;
    i = 0; j = 0; held = false
  }
}

proctype Worker(byte me) {
  byte mark, id, row, read, i, j;
  bool held, has_bell, newer;
#ifdef READ_BEFORE_THE_CLAIM_TRAP
  bool right[ROWS];
#endif

look:
#ifdef READ_BEFORE_THE_CLAIM_TRAP
  skip; d_step { right[0] = url[0] == version[0]; right[ROWS - 1] = url[ROWS - 1] == version[ROWS - 1] };
#endif
  claim(mark);
#ifndef NO_SCAN_FROM_THE_START_TRAP
  if
  :: id == NOBODY && mark > 0 -> claim(0)
  :: else
  fi;
#endif
  if
  :: id == NOBODY -> goto nothing
  :: else
  fi;
  if
  :: has_bell -> d_step { bell = NOBODY; has_bell = false }
  :: else
  fi;

  /* A row that needs nothing is read in the claim's own transaction, and its job ends with that: nothing is written. */
#ifdef READ_BEFORE_THE_CLAIM_TRAP
  newer = !right[row];
#else
  newer = url[row] != version[row];
#endif
  if
  :: !newer -> d_step { job[id] = gone; id = 0; row = 0 }; goto look
  :: newer -> newer = false
  fi;

  read = version[row];
  /* Here it encodes and uploads, which takes as long as it takes. */
#if defined(FENCE_BY_NEWER_JOB_TRAP)
  /* The subquery's snapshot is older than the lock that the statement then waits for. */
  d_step {
    newer = false; j = id + 1;
    do
    :: j >= JOBS -> break
    :: else -> if :: job[j] == fresh && job_row[j] == row -> newer = true :: else fi; j++
    od;
    j = 0
  };
  atomic { !row_locked[row] -> row_locked[row] = true };
#elif defined(COMPARED_BEFORE_THE_LOCK_TRAP)
  newer = version[row] != read;
  atomic { !row_locked[row] -> row_locked[row] = true };
#else
  atomic {
    if
    :: row_locked[row] -> job[id] = fresh; id = 0; row = 0; read = 0; goto look
    :: else -> row_locked[row] = true
    fi
  };
  newer = version[row] != read;
#endif
#ifdef NO_FENCE_TRAP
  newer = false;
#endif
  d_step {
    if
    :: newer -> job[id] = fresh
    :: else ->
      assert(version[row] == read);
      url[row] = read; job[id] = gone
    fi;
    row_locked[row] = false; id = 0; row = 0; read = 0; newer = false
  };
  goto look;

nothing:
  id = 0;
  if
#ifdef NO_SECOND_LOOK_TRAP
  :: has_bell
#else
  :: has_bell -> goto doze
#endif
  :: else ->
    /* try the lock, and if it is not to be had, see who has it */
    atomic {
      if
      :: bell == NOBODY && sharers == 0 -> bell = me; has_bell = true
      :: bell != NOBODY -> goto stand_by
#ifdef STANDS_BY_FOR_A_PRODUCER_TRAP
      :: bell == NOBODY && sharers > 0 -> goto stand_by
#else
      :: bell == NOBODY && sharers > 0 -> goto look
#endif
      fi
    };
#ifdef NO_SECOND_LOOK_TRAP
    goto doze
#else
    goto look
#endif
  fi;

doze:
#ifdef FORGETS_AN_EARLIER_RING_TRAP
  rung[me] = false;
#endif
end_doze:
  rung[me];
  rung[me] = false;
  d_step { bell = NOBODY; has_bell = false };
  goto look;

stand_by:
#ifdef FORGETS_AN_EARLIER_RING_TRAP
  rung[me] = false;
#endif
end_stand_by:
  rung[me];
  rung[me] = false;
  goto look
}

/* Where nothing can move any more, nothing may be left to do. */
proctype Rest() {
  byte i;
end_rest:
  timeout;
  d_step {
    do
    :: i >= JOBS -> break
    :: else -> assert(job[i] == gone || job[i] == none); i++
    od;
    i = 0;
    do
    :: i >= ROWS -> break
    :: else -> assert(url[i] == version[i]); i++
    od
  }
}

init {
  atomic {
    byte n;
    n = 0;
    do :: n < PRODUCERS -> run Producer(); n++ :: else -> break od;
    n = 0;
    do :: n < WORKERS -> run Worker(n); n++ :: else -> break od;
    run Rest()
  }
}
