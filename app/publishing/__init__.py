"""What the community shows: settings, plan, run, ledger, and their pages under «Синхронизация»."""
