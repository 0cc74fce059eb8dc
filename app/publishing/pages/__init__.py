"""The pages under «Синхронизация»: overview, plan, runs, what is in VK, settings, history."""
